/// A dense picture of one value per pixel, rows from top to bottom without padding.
public struct Image<Pixel: BitwiseCopyable & Sendable>: Sendable {
  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int
  /// `width · height` values, row by row.
  public var pixels: [Pixel]

  /// A picture filled with one value.
  @inlinable public init(width: Int, height: Int, fill: Pixel) {
    self.init(width: width, height: height, pixels: Array(repeating: fill, count: width * height))
  }

  /// A picture over existing values; `pixels.count` must be `width · height`.
  @inlinable public init(width: Int, height: Int, pixels: [Pixel]) {
    precondition(pixels.count == width * height, "pixel count does not match the size")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The value at column `x` of row `y`.
  @inlinable public subscript(x: Int, y: Int) -> Pixel {
    get { pixels[y * width + x] }
    set { pixels[y * width + x] = newValue }
  }
}

extension Image: Equatable where Pixel: Equatable {}

/// An axis-aligned rectangle of whole pixels, `x..<x+width` by `y..<y+height`.
public struct PixelRect: Sendable, Equatable, Codable {
  /// Left column.
  public var x: Int
  /// Top row.
  public var y: Int
  /// Number of columns.
  public var width: Int
  /// Number of rows.
  public var height: Int

  /// A rectangle from its top-left corner and size.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

extension PixelRect: Checkpointed {
  /// No pixel at all.
  public static let empty = PixelRect(x: 0, y: 0, width: 0, height: 0)

  /// Carries place and size.
  public mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&x, in: 0...(1 << 24))
    try archive.carry(&y, in: 0...(1 << 24))
    try archive.carry(&width, in: 0...(1 << 24))
    try archive.carry(&height, in: 0...(1 << 24))
  }
}
