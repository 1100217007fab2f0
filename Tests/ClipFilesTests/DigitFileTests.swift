import ClipFiles
import Foundation
import Scenes
import Testing

@Suite struct DigitFileTests {
  private let folder = ScratchFolder()

  private func write(_ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path("train-images-idx3-ubyte")))
  }

  private func header(_ count: UInt8, side: UInt8 = 28) -> [UInt8] {
    [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, side, 0, 0, 0, side]
  }

  @Test func picturesAreReadInRanges() throws {
    let pictures = (0..<3 * 784).map { UInt8(truncatingIfNeeded: $0 / 784 + $0) }
    try write(header(3) + pictures)
    func clip(_ digits: DigitSet) -> LabelledSequence {
      FlyingDigits(digits, objects: 2, frames: 2, seed: 1).sequence(0)
    }
    let (read, expected) = (try DigitFile.read(.training, in: folder.path("")), DigitSet(pictures: pictures))
    #expect(read.count == 3 && clip(read) == clip(expected))
    let last = try DigitFile.read(.training, in: folder.path(""), range: 2..<3)
    #expect(last.count == 1 && clip(last) == clip(DigitSet(pictures: Array(pictures.suffix(784)))))
    #expect { try DigitFile.read(.training, in: folder.path(""), range: 0..<4) } throws: {
      "\($0)".contains("3 pictures, and 4 are needed")
    }
  }

  @Test func damagedFilesAreRefused() throws {
    #expect { try DigitFile.read(.test, in: folder.path("")) } throws: { "\($0)".contains("t10k-images-idx3-ubyte.gz") }
    let whole = header(2) + [UInt8](repeating: 9, count: 2 * 784)
    for length in [0, 3, 15, 16, 17, 800, whole.count - 1] {
      try write(Array(whole.prefix(length)))
      #expect(throws: ClipFileError.self, "\(length) bytes") { try DigitFile.read(.training, in: folder.path("")) }
    }
    for bad in [header(2, side: 27), header(0), [UInt8](repeating: 255, count: 16), [0x1f, 0x8b] + header(1)] {
      try write(bad + whole.dropFirst(16))
      #expect(throws: ClipFileError.self) { try DigitFile.read(.training, in: folder.path("")) }
    }
  }
}
