import Foundation

/// A name of numbered pictures such as `frames/%05d.png` or `%d.jpg`.
struct PicturePattern {
  let folder: String
  private let head: String, tail: String
  /// Least number of digits.
  private let digits: Int

  /// Nil for a name without exactly one number in its last part.
  init?(_ text: String) {
    let slash = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
    folder = slash == text.startIndex ? "." : String(text[..<slash])
    let name = text[slash...]
    guard let match = name.firstMatch(of: /%(?:0([0-9]{1,2}))?d/) else { return nil }
    (head, tail) = (String(name[..<match.range.lowerBound]), String(name[match.range.upperBound...]))
    guard !tail.contains("%"), !head.contains("%") else { return nil }
    digits = match.1.flatMap { Int($0) } ?? 1
  }

  /// The number of a picture; nil for a file of another name.
  func number(of name: String) -> Int? {
    guard name.hasPrefix(head), name.hasSuffix(tail), name.utf8.count > head.utf8.count + tail.utf8.count else {
      return nil
    }
    let number = name.dropFirst(head.count).dropLast(tail.count)
    guard number.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(number), value < 1 << 48 else {
      return nil
    }
    // As printf writes it: no more zeros in front than the width asks for.
    return number.count == digits || (number.count > digits && number.first != "0") ? value : nil
  }
}

/// A picture of a sequence.
struct ListedPicture {
  let path: String
  /// Which picture of a TIFF file, from 0; nil for a file that is one picture.
  let page: Int?
  /// Its place in time, counted in pictures from the first one.
  let tick: Int64

  /// What messages call it.
  var name: String { page.map { "\(path) (picture \($0 + 1))" } ?? path }
}

/// The pictures of a folder in the order in which people count: 2.png before 10.png.
enum PictureList {
  private static let endings: Set<String> = [
    "png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp", "pgm", "ppm", "pnm", "jp2", "tga", "dpx", "exr",
  ]

  /// Whether a name ends as a picture's does.
  static func isPicture(_ name: String) -> Bool { endings.contains((name as NSString).pathExtension.lowercased()) }

  /// The pictures that an address names: those of a TIFF file, of a folder, or of a pattern, whose missing numbers are
  /// pauses.
  static func pictures(_ address: SourceAddress) throws(VideoError) -> [ListedPicture] {
    if address.kind == .stack, let stack = stack(address.target) { return stack }
    let pattern = PicturePattern(address.target).flatMap { isFolder(address.target) ? nil : $0 }
    let folder = pattern?.folder ?? address.target
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw isFolder(folder) ? .cannotRead(folder, reason: "its names cannot be listed") : .notFound(folder)
    }
    if let pattern {
      let numbered = names.compactMap { name in pattern.number(of: name).map { (name, $0) } }.sorted { $0.1 < $1.1 }
      guard let first = numbered.first?.1 else { throw .notFound(address.target) }
      return numbered.flatMap { name, number in
        let (path, tick) = (folder + "/" + name, Int64(number - first))
        return (stack(path) ?? [ListedPicture(path: path, page: nil, tick: 0)]).map {
          ListedPicture(path: path, page: $0.page, tick: tick)
        }
      }
    }
    let pictures = names.filter { isPicture($0) && !$0.hasPrefix(".") }
    guard !pictures.isEmpty else {
      throw .cannotRead(folder, reason: "it is a directory without pictures; name a video file in it")
    }
    let paths = pictures.sorted(by: isBefore).map { folder + "/" + $0 }
    let listed = paths.flatMap { stack($0) ?? [ListedPicture(path: $0, page: nil, tick: 0)] }
    return listed.enumerated().map { ListedPicture(path: $1.path, page: $1.page, tick: Int64($0)) }
  }

  /// The pictures of a TIFF file that FFmpeg would not read as it should: with several, in tiles, or cut off; nil for all
  /// else.
  static func stack(_ path: String) -> [ListedPicture]? {
    guard TIFFStack.mayBe(path), let stack = TIFFStack(path), stack.count > 0, stack.isSpecial else { return nil }
    // The first one that is missing cannot be decoded, and is told as that.
    let count = stack.count + (stack.isCut ? 1 : 0)
    return (0..<count).map { ListedPicture(path: path, page: $0, tick: Int64($0)) }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// Compares names with their numbers taken as numbers.
  static func isBefore(_ one: String, _ other: String) -> Bool {
    var (left, right) = (Array(one.utf8)[...], Array(other.utf8)[...])
    while let a = left.first, let b = right.first {
      if isDigit(a) && isDigit(b) {
        let (x, y) = (takeNumber(&left), takeNumber(&right))
        if x.count != y.count { return x.count < y.count }
        if x != y { return x.lexicographicallyPrecedes(y) }
      } else if a != b {
        return a < b
      } else {
        left = left.dropFirst()
        right = right.dropFirst()
      }
    }
    return left.isEmpty && right.isEmpty ? one < other : left.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  /// The digits at the front, without leading zeros.
  private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = bytes.prefix(while: isDigit)
    bytes = bytes.dropFirst(digits.count)
    return digits.drop { $0 == 48 }
  }
}
