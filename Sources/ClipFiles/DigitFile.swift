import CZlib
import Foundation
import Scenes

/// MNIST's picture files (idx3-ubyte), as published or unpacked.
public enum DigitFile {
  /// MNIST's two files of pictures.
  public enum Part: String, Sendable {
    /// The 60,000 training pictures.
    case training = "train-images-idx3-ubyte"
    /// The 10,000 test pictures.
    case test = "t10k-images-idx3-ubyte"
  }

  private static let headerBytes = 16
  private static let area = DigitSet.sourceSide * DigitSet.sourceSide
  private static let mostPictures = 1 << 20

  /// Reads `range` of the pictures in a folder, with or without .gz; nil reads all of them. Throws `ClipFileError`.
  public static func read(_ part: Part, in folder: String, range: Range<Int>? = nil) throws(ClipFileError) -> DigitSet {
    let names = [part.rawValue, part.rawValue + ".gz"].map { folder + "/" + $0 }
    guard let path = names.first(where: FileManager.default.fileExists) else {
      throw .notFound("\(names[0]) or \(names[1])")
    }
    guard access(path, R_OK) == 0, let file = gzopen(path, "rb") else {
      throw .cannotRead(path, reason: String(cString: strerror(errno)))
    }
    defer { gzclose(file) }
    let header = read(headerBytes, from: file)
    guard header.count == headerBytes, header[..<4] == [0, 0, 8, 3] else {
      throw .malformed(path, reason: "not an idx file of pictures; MNIST's \(part.rawValue) is needed")
    }
    let sizes = [4, 8, 12].map { start in header[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard sizes[1...] == [DigitSet.sourceSide, DigitSet.sourceSide], (1...mostPictures).contains(sizes[0]) else {
      throw .malformed(path, reason: "it has \(sizes[0]) pictures of \(sizes[2])×\(sizes[1]); 28×28 is needed")
    }
    let range = range ?? 0..<sizes[0]
    guard range.upperBound <= sizes[0] else {
      throw .malformed(path, reason: "it has \(sizes[0]) pictures, and \(range.upperBound) are needed")
    }
    let bytes = read(range.upperBound * area, from: file)
    guard bytes.count == range.upperBound * area else {
      throw .malformed(path, reason: "it is damaged or ends early; get it again")
    }
    return DigitSet(pictures: Array(bytes[(range.lowerBound * area)...]))
  }

  /// The digits of one part of a data set: of all of them, training takes the first 50,000 of the training file,
  /// validation its last 10,000, test the test file. With `digits`, all parts take the first so many of the training file.
  public static func read(
    _ split: DataSplit, in folder: String, digits: Int?
  ) throws(ClipFileError) -> DigitSet {
    switch (digits, split) {
    case (let digits?, _): try read(.training, in: folder, range: 0..<digits)
    case (nil, .training): try read(.training, in: folder, range: 0..<50_000)
    case (nil, .validation): try read(.training, in: folder, range: 50_000..<60_000)
    case (nil, .test): try read(.test, in: folder)
    }
  }

  /// Up to `count` bytes: fewer where the file ends or is damaged.
  private static func read(_ count: Int, from file: gzFile) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(Int(gzread(file, buffer.baseAddress, UInt32(count))), 0)
    }
  }
}
