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
  /// Writes a gray picture, replacing a file of that name. It is 0 outside `bounds`, nil for anywhere.
  public static func write(_ image: Image<UInt8>, bounds: PixelRect? = nil, to path: String) throws(VideoError) {
    try write(image, .gray8, bounds: bounds, to: path) { source, row in
      row.baseAddress!.update(from: source, count: row.count)
    }
  }

  /// Writes a gray picture of 16 bits a pixel, replacing a file of that name.
  public static func write(_ image: Image<UInt16>, to path: String) throws(VideoError) {
    try write(image, .gray16, bounds: nil, to: path) { source, row in
      row.withMemoryRebound(to: UInt16.self) { row in
        for x in row.indices { row[x] = source[x].bigEndian }
      }
    }
  }

  /// Writes numbers as gray values of 16 bits, replacing a file of that name: `offset` is added to those from 1 to `highest`,
  /// all others become 0. So do those outside `bounds`.
  package static func write(
    _ labels: Image<Int32>, highest: Int32, offset: Int32, bounds: PixelRect, to path: String
  ) throws(VideoError) {
    try write(labels, .gray16, bounds: bounds, to: path) { source, row in
      row.withMemoryRebound(to: UInt16.self) { row in
        for x in row.indices {
          let label = source[x]
          row[x] = label > 0 && label <= highest ? UInt16(truncatingIfNeeded: label &+ offset).bigEndian : 0
        }
      }
    }
  }

  /// Writes numbers as indices into 256 colours, replacing a file of that name: those beyond 1 to `highest`, and those
  /// outside `bounds`, become 0.
  package static func write(
    _ labels: Image<Int32>, highest: UInt8, palette: [RGB], bounds: PixelRect, to path: String
  ) throws(VideoError) {
    precondition(palette.count == 256, "a palette has 256 colours")
    try write(labels, .indexed, palette, bounds: bounds, to: path) { source, row in
      for x in row.indices {
        let label = source[x]
        row[x] = label > 0 && label <= Int32(highest) ? UInt8(truncatingIfNeeded: label) : 0
      }
    }
  }

  /// Writes a picture that is 0 outside `bounds`; `fillRow` stores the pixels of a row inside them.
  private static func write<Pixel: BitwiseCopyable>(
    _ image: Image<Pixel>, _ kind: RunPNG.Kind, _ palette: [RGB] = [], bounds: PixelRect?, to path: String,
    fillRow: (_ source: UnsafePointer<Pixel>, _ row: UnsafeMutableBufferPointer<UInt8>) -> Void
  ) throws(VideoError) {
    let box = whole(image, bounds)
    let bytes = image.pixels.withUnsafeBufferPointer { pixels in
      RunPNG.encode(width: image.width, height: image.height, kind, palette: palette, bounds: box) { y, row in
        fillRow(pixels.baseAddress! + y * image.width + box.x, row)
      }
    }
    try AtomicFile.write(bytes, to: path)
  }

  private static func whole<Pixel>(_ image: Image<Pixel>, _ bounds: PixelRect?) -> PixelRect {
    (bounds ?? PixelRect(x: 0, y: 0, width: image.width, height: image.height))
      .clipped(width: image.width, height: image.height)
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

  /// Writes what `frame` shows where `labels` is `id`, in colours and opacity, as large as `box`, which must lie in the
  /// frame; replaces a file of that name. Pixels that cannot be seen are black.
  package static func write(
    _ id: Int32, in box: PixelRect, of labels: Image<Int32>, from frame: VideoFrame, to path: String
  ) throws(VideoError) {
    try AtomicFile.write(CutoutPNG.encode(id, in: box, of: labels, from: frame), to: path)
  }

  private static func write(
    _ path: String, width: Int, height: Int, format: AVPixelFormat,
    fillRow: (_ y: Int, _ row: UnsafeMutablePointer<UInt8>) -> Void
  ) throws(VideoError) {
    let encoder = EncoderSession("png", width: width, height: height, format: format) { context in
      context.pointee.compression_level = 1
    }
    guard let encoder else {
      throw .cannotCreate(path, reason: "FFmpeg's PNG encoder does not take \(width)×\(height) pixels")
    }
    let plane = encoder.plane(0)
    for y in 0..<height { fillRow(y, plane.start + y * plane.stride) }
    try AtomicFile.write(try encoder.encodeOne(pts: 0, subject: path), to: path)
  }
}
