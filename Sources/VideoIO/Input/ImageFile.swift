import CFFmpeg
import Foundation
import Kernels

/// Reads single pictures: PNG, JPEG, BMP and whatever else FFmpeg decodes.
public enum ImageFile {
  /// One value per pixel, exact where the file has one 8-bit value per pixel: grays as they are; pictures with a palette
  /// of nothing but grays as those grays; pictures with colours in their palette as their INDEX values, which is how
  /// ground truth stores identities. Other colours become (299 R + 587 G + 114 B) / 1000, rounded, so that a gray
  /// picture stored as RGB keeps its values. Throws as `VideoReader` does.
  public static func readGray(_ path: String) throws(VideoError) -> Image<UInt8> {
    try gray(decode(path), path)
  }

  /// What is not black, as 255: of a 16-bit gray file every value but 0, of a palette every other colour, of others where
  /// `readGray` gives no 0. Throws as `VideoReader` does.
  public static func readMask(_ path: String) throws(VideoError) -> Image<UInt8> {
    let frame = try decode(path)
    if frame.format == AV_PIX_FMT_PAL8 {
      let isBlack = withPalette(of: frame) { $0.map { $0 & 0xFF_FFFF == 0 } }
      let indices = packed(frame)
      return Image(
        width: indices.width, height: indices.height, pixels: indices.pixels.map { isBlack[Int($0)] ? 0 : 255 })
    }
    return ValueRange.isWide(frame.format) ? mask(of: wide(frame)) : mask(of: try gray(frame, path))
  }

  private static func mask(of image: Image<some BinaryInteger & BitwiseCopyable>) -> Image<UInt8> {
    Image(width: image.width, height: image.height, pixels: image.pixels.map { $0 == 0 ? 0 : 255 })
  }

  /// One 16-bit value per pixel, exactly as stored in a file of 16-bit grays or a PNG file of 1, 2 or 4 bits; other grays
  /// and pictures with a palette have the values that `readGray` gives. Throws `cannotOpen` for other colours, and
  /// otherwise as `VideoReader` does.
  public static func readGray16(_ path: String) throws(VideoError) -> Image<UInt16> {
    let frame = try decode(path)
    guard ValueRange.isWide(frame.format) else {
      let layout = PixelLayout(frame.format)
      let isMono = frame.format == AV_PIX_FMT_MONOBLACK || frame.format == AV_PIX_FMT_MONOWHITE
      guard frame.format == AV_PIX_FMT_PAL8 || isMono || (layout.isGray && layout.isDirect) else {
        throw .cannotOpen(path, reason: "it is no picture of values: gray of up to 16 bits, or with a palette")
      }
      let (narrow, step) = (try gray(frame, path), grayStep(path))
      return Image(width: narrow.width, height: narrow.height, pixels: narrow.pixels.map { UInt16($0 / step) })
    }
    return wide(frame)
  }

  /// How far apart FFmpeg puts the values of a PNG file of less than 8 bits to fill 0…255; 1 for all other files.
  private static func grayStep(_ path: String) -> UInt8 {
    // The depth stands behind the signature, a chunk's length and name, and the size; 0 behind it is gray.
    guard let file = FileHandle(forReadingAtPath: path), let head = try? file.read(upToCount: 26), head.count == 26,
      head.starts(with: [0x89, 0x50, 0x4E, 0x47]), head[25] == 0, [1, 2, 4].contains(head[24])
    else { return 1 }
    return UInt8(255 / ((1 << Int(head[24])) - 1))
  }

  /// The values of a gray picture of 16 bits.
  static func wide(_ frame: borrowing FrameHandle) -> Image<UInt16> {
    let (width, height, plane) = (frame.width, frame.height, frame.plane(0))
    let isBigEndian = frame.format == AV_PIX_FMT_GRAY16BE
    var wide = Image<UInt16>(width: width, height: height, fill: 0)
    wide.pixels.withUnsafeMutableBufferPointer { pixels in
      for y in 0..<height {
        let row = UnsafeRawPointer(plane.start + y * plane.stride).assumingMemoryBound(to: UInt16.self)
        for x in 0..<width {
          pixels[y * width + x] = isBigEndian ? UInt16(bigEndian: row[x]) : UInt16(littleEndian: row[x])
        }
      }
    }
    return wide
  }

  /// The picture as a frame of a video with index and time 0; colours become 4:4:4. Throws as `VideoReader` does.
  public static func readFrame(_ path: String) throws(VideoError) -> VideoFrame {
    let frame = try decode(path)
    let (width, height) = (frame.pointer.pointee.width, frame.pointer.pointee.height)
    let converter = FrameConverter(
      orientation: Orientation(frame: frame.pointer), width: width, height: height, format: frame.format)
    guard let converted = converter.convert(frame) else { throw unconvertible(path) }
    return VideoFrame(converted, index: 0, timestamp: 0, pts: 0, scene: 0)
  }

  private static func gray(_ frame: borrowing FrameHandle, _ path: String) throws(VideoError) -> Image<UInt8> {
    let layout = PixelLayout(frame.format)
    if frame.format == AV_PIX_FMT_PAL8 { return indexed(frame) }
    if layout.isDirect { return packed(frame) }
    if layout.isGray { return packed(try convert(frame, to: AV_PIX_FMT_GRAY8, path)) }
    return luma(try convert(frame, to: AV_PIX_FMT_RGB24, path))
  }

  private static func decode(_ path: String) throws(VideoError) -> FrameHandle {
    if TIFFStack.mayBe(path) { try TIFFStack(path)?.checkPixels() }
    var codec = ""
    return try decode(path, codec: &codec)
  }

  /// The picture as the decoder made it, for who has looked whether it is a `TIFFStack`; `codec` becomes FFmpeg's name of
  /// its format.
  static func decode(_ path: String, codec: inout String) throws(VideoError) -> FrameHandle {
    let options = VideoReaderOptions(threads: 1)
    let readGuard = ReadGuard(options.interrupt, monitor: options.monitor)
    let source = InputSource.bytes(try ByteSource(path: path, readGuard: readGuard), protocols: ["data"], notes: [])
    let decoder = try FrameDecoder(source, options: options, readGuard: readGuard)
    guard let frame = decoder.next() else { throw .cannotOpen(path, reason: "the picture cannot be decoded") }
    guard decoder.ledger.corruptFrames == 0, decoder.ledger.corruptPackets == 0 else {
      throw .damaged(path, reason: "the picture decodes with errors")
    }
    codec = decoder.codecName
    return frame
  }

  private static func convert(
    _ frame: borrowing FrameHandle, to format: AVPixelFormat, _ path: String
  ) throws(VideoError) -> FrameHandle {
    let (width, height) = (frame.pointer.pointee.width, frame.pointer.pointee.height)
    guard let converted = Scaler().scale(frame, to: format, width: width, height: height) else {
      throw unconvertible(path)
    }
    return converted
  }

  private static func unconvertible(_ path: String) -> VideoError {
    .cannotOpen(path, reason: "its pixel format cannot be converted")
  }

  private static func packed(_ frame: borrowing FrameHandle) -> Image<UInt8> {
    let (width, height, plane) = (frame.width, frame.height, frame.plane(0))
    var image = Image<UInt8>(width: width, height: height, fill: 0)
    image.pixels.withUnsafeMutableBufferPointer { pixels in
      for y in 0..<height {
        (pixels.baseAddress! + y * width).update(from: plane.start + y * plane.stride, count: width)
      }
    }
    return image
  }

  /// The grays of an all-gray palette, or the indices into any other. The whole palette decides, not the part in use, so
  /// that all pictures of a sequence are read alike.
  private static func indexed(_ frame: borrowing FrameHandle) -> Image<UInt8> {
    var image = packed(frame)
    let grays: [UInt8]? = withPalette(of: frame) { colors in
      let isGray = colors.allSatisfy { $0 & 0xFF == $0 >> 8 & 0xFF && $0 & 0xFF == $0 >> 16 & 0xFF }
      return isGray ? colors.map { UInt8($0 & 0xFF) } : nil
    }
    if let grays { image.pixels = image.pixels.map { grays[Int($0)] } }
    return image
  }

  /// Lends a palette of 256 colours, each a 32-bit number of alpha, red, green, blue.
  private static func withPalette<Result>(
    of frame: borrowing FrameHandle, _ body: (UnsafeBufferPointer<UInt32>) -> Result
  ) -> Result {
    frame.pointer.pointee.data.1!.withMemoryRebound(to: UInt32.self, capacity: 256) {
      body(UnsafeBufferPointer(start: $0, count: 256))
    }
  }

  private static func luma(_ frame: borrowing FrameHandle) -> Image<UInt8> {
    let (width, height, plane) = (frame.width, frame.height, frame.plane(0))
    var image = Image<UInt8>(width: width, height: height, fill: 0)
    for y in 0..<height {
      for x in 0..<width {
        let color = plane.start + y * plane.stride + 3 * x
        let (red, green, blue) = (Int(color[0]), Int(color[1]), Int(color[2]))
        let weighted = 299 * red + 587 * green + 114 * blue
        image[x, y] = UInt8((weighted + 500) / 1000)
      }
    }
    return image
  }
}

extension FrameHandle {
  /// Width in pixels.
  var width: Int { Int(pointer.pointee.width) }
  /// Height in pixels.
  var height: Int { Int(pointer.pointee.height) }
}
