import Evaluation
import Foundation
import Testing

@Suite struct TruthSequenceTests {
  /// A sequence of ids whose pictures have these numbers; nobody looks into them.
  private func truth(_ numbers: some Sequence<Int>, in subfolder: String = "") throws -> TruthSequence {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let place = folder.appendingPathComponent(subfolder)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for number in numbers { try Data().write(to: place.appendingPathComponent("\(number).png")) }
    return try TruthSequence(folder: folder.path)
  }

  private func pictures(_ numbers: some Sequence<Int>) -> [Int: String] {
    Dictionary(uniqueKeysWithValues: numbers.map { ($0, "\($0)") })
  }

  @Test func picturesAreFoundByTheirNumbers() throws {
    #expect(try truth(3..<6).matching(pictures(0..<9), in: "masks") == ["3", "4", "5"])
  }

  /// From 1 instead of 0, or the part of a longer sequence from 0.
  @Test(arguments: [(0..<5, 1..<6), (950..<960, 0..<10)]) func anotherBeginningIsMadeUpFor(
    _ numbers: (truth: Range<Int>, masks: Range<Int>)
  ) throws {
    let found = try truth(numbers.truth).matching(pictures(numbers.masks), in: "masks")
    #expect(found == numbers.masks.map { "\($0)" })
  }

  /// As many pictures as frames are not enough: holes in different places, or another part of the same numbers.
  @Test func otherNumbersAreRefused() throws {
    let holes = try truth((0..<10).filter { $0 != 3 })
    #expect(throws: EvaluationError.self) { try holes.matching(pictures((0..<10).filter { $0 != 7 }), in: "masks") }
    #expect(throws: EvaluationError.self) { try truth(0..<60).matching(pictures(50..<110), in: "masks") }
  }

  @Test func theOnlyFolderOfAnnotationsIsTheTruth() throws {
    #expect(try truth(0..<3, in: "Annotations/clip").frames.map(\.number) == [0, 1, 2])
  }
}
