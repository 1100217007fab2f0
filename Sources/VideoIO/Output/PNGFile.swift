import CFFmpeg
import Kernels

/// A colour, 8 bits a channel.
public struct RGB: BitwiseCopyable, Sendable, Equatable {
  /// Red, 0…255.
  public var red: UInt8
  /// Green, 0…255.
  public var green: UInt8
  /// Blue, 0…255.
  public var blue: UInt8

  /// A colour from its channels.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}

/// Writes single pictures as PNG. A file appears whole or not at all: it is renamed from a temporary name in its folder.
public enum PNGFile {
  /// Writes a gray picture, replacing a file of that name.
  public static func write(_ image: Image<UInt8>, to path: String) throws(VideoError) {
    try write(path, width: image.width, height: image.height, format: AV_PIX_FMT_GRAY8) { y, row in
      for x in 0..<image.width { row[x] = image.pixels[y * image.width + x] }
    }
  }

  /// Writes a gray picture of 16 bits a pixel, replacing a file of that name.
  public static func write(_ image: Image<UInt16>, to path: String) throws(VideoError) {
    try write(path, width: image.width, height: image.height, format: AV_PIX_FMT_GRAY16BE) { y, row in
      for x in 0..<image.width {
        let value = image.pixels[y * image.width + x]
        (row[2 * x], row[2 * x + 1]) = (UInt8(value >> 8), UInt8(value & 0xFF))
      }
    }
  }

  /// Writes a picture of indices into 256 colours, replacing a file of that name.
  public static func write(_ image: Image<UInt8>, palette: [RGB], to path: String) throws(VideoError) {
    precondition(palette.count == 256, "a palette has 256 colours")
    let entries = palette.map { 0xFF00_0000 | UInt32($0.red) << 16 | UInt32($0.green) << 8 | UInt32($0.blue) }
    try write(path, width: image.width, height: image.height, format: AV_PIX_FMT_PAL8, palette: entries) { y, row in
      for x in 0..<image.width { row[x] = image.pixels[y * image.width + x] }
    }
  }

  /// Writes a colour picture, replacing a file of that name.
  public static func write(_ image: Image<RGB>, to path: String) throws(VideoError) {
    try write(path, width: image.width, height: image.height, format: AV_PIX_FMT_RGB24) { y, row in
      for x in 0..<image.width {
        let colour = image.pixels[y * image.width + x]
        row[3 * x] = colour.red
        row[3 * x + 1] = colour.green
        row[3 * x + 2] = colour.blue
      }
    }
  }

  /// Writes a colour picture with its opacity, of the same size, replacing a file of that name. Pixels that cannot be seen
  /// are black.
  package static func write(_ image: Image<RGB>, alpha: Image<UInt8>, to path: String) throws(VideoError) {
    precondition(image.width == alpha.width && image.height == alpha.height, "colours and alpha differ in size")
    try write(path, width: image.width, height: image.height, format: AV_PIX_FMT_RGBA) { y, row in
      for x in 0..<image.width {
        let opacity = alpha[x, y]
        let colour = opacity == 0 ? RGB(red: 0, green: 0, blue: 0) : image[x, y]
        (row[4 * x], row[4 * x + 1], row[4 * x + 2], row[4 * x + 3]) = (colour.red, colour.green, colour.blue, opacity)
      }
    }
  }

  private static func write(
    _ path: String, width: Int, height: Int, format: AVPixelFormat, palette: [UInt32] = [],
    fillRow: (_ y: Int, _ row: UnsafeMutablePointer<UInt8>) -> Void
  ) throws(VideoError) {
    // Masks are long runs: the fastest level compresses them nearly as well as the best.
    let encoder = EncoderSession("png", width: width, height: height, format: format) { context in
      context.pointee.compression_level = 1
    }
    guard let encoder else {
      throw .cannotCreate(path, reason: "FFmpeg's PNG encoder does not take \(width)×\(height) pixels")
    }
    let plane = encoder.plane(0)
    for y in 0..<height { fillRow(y, plane.start + y * plane.stride) }
    if !palette.isEmpty {
      palette.withUnsafeBytes {
        encoder.plane(1).start.update(from: $0.baseAddress!.assumingMemoryBound(to: UInt8.self), count: $0.count)
      }
    }
    try AtomicFile.write(try encoder.encodeOne(pts: 0, subject: path), to: path)
  }
}
