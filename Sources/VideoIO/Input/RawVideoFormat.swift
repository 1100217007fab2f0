/// The layout of frames that come without any header, written as `WIDTHxHEIGHT:FORMAT@RATE`.
public struct RawVideoFormat: Sendable, Equatable {
  /// How the pixels of one frame lie in the byte stream.
  public enum PixelFormat: String, Sendable, CaseIterable {
    /// One byte of luma per pixel.
    case gray
    /// Red, green, blue, one byte each.
    case rgb24
    /// Luma plane, then two chroma planes of half width and height.
    case yuv420p
    /// Luma plane, then one plane of interleaved chroma of half width and height.
    case nv12
  }

  /// Width in pixels, 1…16384.
  public let width: Int
  /// Height in pixels, 1…16384.
  public let height: Int
  /// Layout of one frame.
  public let pixelFormat: PixelFormat
  /// Frames per second.
  public let rate: Rational

  /// Reads a description such as `640x480:gray@25`, `720x576:nv12@30000/1001` or `…@29.97`.
  public init(parsing text: String) throws(VideoError) {
    func fail(_ reason: String) -> VideoError { .invalidRawFormat(text, reason: reason) }
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count == 2 else { throw fail("it needs one @ before the frame rate") }
    let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw fail("it needs one : between size and pixel format") }
    let sides = parts[0].split(separator: "x", omittingEmptySubsequences: false).map { Self.number($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1] else {
      throw fail("the size must be two whole numbers joined by x")
    }
    guard 1...16384 ~= width, 1...16384 ~= height else { throw fail("width and height must be in 1…16384") }
    guard let pixelFormat = PixelFormat(rawValue: String(parts[1])) else {
      let known = PixelFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw fail("unknown pixel format '\(parts[1])', use one of \(known)")
    }
    guard let rate = Self.rate(halves[1]) else {
      throw fail("the frame rate must be a number such as 29.97 or a fraction, between 1/1000 and 1000")
    }
    self.width = width
    self.height = height
    self.pixelFormat = pixelFormat
    self.rate = rate
  }

  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ 48...57 ~= $0 }) else { return nil }
    return Int(text)
  }

  private static func rate(_ text: Substring) -> Rational? {
    let decimals = text.split(separator: ".", omittingEmptySubsequences: false)
    if decimals.count == 2 {
      let digits = decimals[1].count
      guard !decimals[0].isEmpty, 1...5 ~= digits, number(decimals[1]) != nil else { return nil }
      return self.rate("\(decimals[0])\(decimals[1])/1" + String(repeating: "0", count: digits))
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { number($0) }
    guard 1...2 ~= parts.count, let numerator = parts[0], let denominator = parts.count == 2 ? parts[1] : 1,
      denominator > 0
    else { return nil }
    let rate = Rational(numerator: numerator, denominator: denominator)
    return 0.001...1000 ~= rate.value ? rate : nil
  }
}
