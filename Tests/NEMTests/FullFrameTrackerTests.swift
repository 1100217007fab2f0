import NEM
import Neural
import Testing

@Suite struct FullFrameTrackerTests {
  private func tracker() throws -> FullFrameTracker {
    let network = NetworkDescription(
      input: [8, 8, 1], encoder: [.linear(16, activation: .elu)], cell: .linear(12, activation: .tanh),
      decoder: [.linear(8, 8, 1, activation: .sigmoid, normalized: false)], start: .seeds, looks: 2)
    let description = ModelDescription(
      kind: .fullFrame, network: network, observation: "bernoulli", slots: 3, command: "")
    return try FullFrameTracker(try Model(description, seed: 2), slots: 3, seed: 4)
  }

  private func frame(lit: (Int) -> Bool) -> GridFrame {
    GridFrame(
      width: 8, height: 8, foreground: (0..<64).map { lit($0) ? 1 : 0 }, luma: [Float](repeating: 0.5, count: 64))
  }

  /// Seeds fall on what is lit: a stream that begins with an empty scene goes on as one that begins with its first object.
  @Test func emptyFramesBeforeTheFirstObjectChangeNothing() throws {
    let (early, late) = (try tracker(), try tracker())
    for _ in 0..<5 {
      let empty = late.step(frame { _ in false })
      #expect(empty.objects.isEmpty && empty.labels.pixels.allSatisfy { $0 == 0 })
    }
    for t in 0..<6 {
      let seen = frame { $0 % 8 < 3 && $0 / 8 < 3 || $0 % 8 > 3 && $0 / 8 == t }
      let (one, other) = (early.step(seen), late.step(seen))
      #expect(one.labels.pixels == other.labels.pixels && !one.objects.isEmpty)
      #expect(one.objects.map(\.confidence) == other.objects.map(\.confidence))
    }
  }
}
