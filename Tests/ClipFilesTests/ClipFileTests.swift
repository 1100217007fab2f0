import ClipFiles
import Foundation
import Kernels
import Scenes
import Testing

/// Clips to HDF5 and back, and files that are damaged or not ours.
@Suite struct ClipFileTests {
  private let folder = ScratchFolder()
  private let balls = BouncingBalls(objects: 3...4, hasCurtain: true, frames: 6, seed: 2)

  private func write(
    _ name: String, _ source: any SequenceSource, count: Int, isBinary: Bool = true
  ) throws -> String {
    let path = folder.path(name)
    let writer = try ClipFileWriter(path, overwrite: false)
    for split in DataSplit.allCases { try writer.write(split, source, count: count, isBinary: isBinary) }
    #expect(!FileManager.default.fileExists(atPath: path), "no half-written file has the name")
    try writer.close()
    return path
  }

  @Test func clipsComeBack() throws {
    let path = try write("balls.h5", balls, count: 5)
    for split in DataSplit.allCases {
      let file = try ClipFile(path, split)
      #expect(file.count == 5 && file.format == balls.format)
      for index in [4, 0, 3] { #expect(try file.sequence(index) == balls.sequence(index)) }
      #expect(try file.sequence(7) == balls.sequence(2), "after the last clip it begins anew")
    }
    let short = try ClipFile(path, .test, frames: 3)
    #expect(try short.sequence(1).features.elementsEqual(balls.sequence(1).features.prefix(3 * 4096)))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("")) == ["balls.h5"])
  }

  @Test func greyClipsAndStillPicturesComeBack() throws {
    let grey = FlyingDigits(
      DigitSet(pictures: (0..<784).map { UInt8($0 % 256) }), objects: 2, frames: 4, seed: 1)
    let file = try ClipFile(write("grey.h5", grey, count: 3, isBinary: false), .training)
    for index in 0..<3 { #expect(try file.sequence(index) == grey.sequence(index)) }

    let path = try write("still.h5", Shapes(objects: 3, frames: 1, seed: 1), count: 200)
    let still = try ClipFile(path, .validation, frames: 5)
    #expect(try still.sequence(150) == Shapes(objects: 3, frames: 5, seed: 1).sequence(150))
  }

  @Test func equalSeedsGiveEqualFiles() throws {
    let (one, other) = (try write("a.h5", balls, count: 3), try write("b.h5", balls, count: 3))
    #expect(FileManager.default.contents(atPath: one) == FileManager.default.contents(atPath: other))
  }

  @Test func filesAreReplacedOnlyWhenAskedAndWhenComplete() throws {
    let path = try write("a.h5", balls, count: 1)
    #expect(throws: ClipFileError.cannotCreate(path, reason: "it exists; give another name or --overwrite")) {
      try ClipFileWriter(path, overwrite: false)
    }
    let before = FileManager.default.contents(atPath: path)
    var abandoned: ClipFileWriter? = try ClipFileWriter(path, overwrite: true)
    try abandoned?.write(.training, balls, count: 2, isBinary: true)
    abandoned = nil
    #expect(FileManager.default.contents(atPath: path) == before)
    let writer = try ClipFileWriter(path, overwrite: true)
    for split in DataSplit.allCases { try writer.write(split, balls, count: 2, isBinary: true) }
    try writer.close()
    #expect(try ClipFile(path, .test).count == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("")) == ["a.h5"])
    for bad in [folder.path(""), folder.path("missing/a.h5"), "/proc/a.h5", "/dev/null"] {
      #expect { try ClipFileWriter(bad, overwrite: true) } throws: {
        if case .cannotCreate? = $0 as? ClipFileError { true } else { false }
      }
    }
  }

  private func isMalformed(_ error: any Error) -> Bool {
    if case .malformed? = error as? ClipFileError { true } else { false }
  }

  @Test func truncatedFilesAreRefused() throws {
    let whole = try #require(FileManager.default.contents(atPath: write("a.h5", balls, count: 2)))
    let path = folder.path("cut.h5")
    let lengths = Set(Array(0..<130) + Array(stride(from: 130, to: whole.count, by: 61)) + [whole.count - 1])
    for length in lengths {
      try whole.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect("\(length) bytes") {
        let file = try ClipFile(path, .test)
        for index in 0..<file.count { _ = try file.sequence(index) }
      } throws: { isMalformed($0) }
    }
  }

  @Test func whatIsMissingIsNamed() throws {
    #expect(throws: ClipFileError.notFound(folder.path("none.h5"))) { try ClipFile(folder.path("none.h5"), .test) }
    let path = folder.path("a.h5")
    let writer = try ClipFileWriter(path, overwrite: false)
    try writer.write(.training, balls, count: 1, isBinary: true)
    try writer.close()
    #expect(throws: ClipFileError.malformed(path, reason: "test/features: this data set is missing")) {
      try ClipFile(path, .test)
    }
    #expect { try ClipFile(path, .training, frames: 7) } throws: { "\($0)".contains("6 frames, and 7 are needed") }
    #expect { try ClipFile(folder.path(""), .test) } throws: {
      if case .cannotRead? = $0 as? ClipFileError { true } else { false }
    }
  }
}

/// A folder that is removed when the test ends.
final class ScratchFolder {
  private let url = FileManager.default.temporaryDirectory.appendingPathComponent("nem-stream-\(UUID().uuidString)")

  init() { try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { name.isEmpty ? url.path : url.appendingPathComponent(name).path }
}
