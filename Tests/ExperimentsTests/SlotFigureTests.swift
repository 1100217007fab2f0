import Experiments
import Kernels
import NEM
import Neural
import Scenes
import Testing
import VideoIO

@Suite struct SlotFigureTests {
  private func model(slots: Int) throws -> Model {
    let network = NetworkDescription(
      input: [28, 28, 1], encoder: [], cell: .linear(8, activation: .sigmoid),
      decoder: [.linear(28, 28, 1, activation: .sigmoid, normalized: false)])
    return try Model(
      ModelDescription(kind: .fullFrame, network: network, observation: "bernoulli", slots: slots, command: ""),
      seed: 3)
  }

  @Test func rowsShowFrameOwnersAndPredictions() throws {
    let clip = FlyingShapes(objects: 2...2, frames: 4, seed: 5).sequence(0)
    let trace = try SequenceTrace(try model(slots: 1), clip, slots: 1, observed: 2, seed: 1)
    let image = SlotFigure(trace).painted()
    let cell = 28 * 2 + 3
    #expect(image.width == 64 + 3 * cell && image.height == 20 + 4 * cell)
    for pixel in 0..<784 {
      for step in 0..<3 {
        let (x, y) = (64 + step * cell + pixel % 28 * 2, 20 + pixel / 28 * 2)
        #expect(image[x, y].red == (clip.features[(step + 1) * 784 + pixel] > 0.5 ? 255 : 0))
        // One slot owns all; its ψ is the prediction.
        #expect(image[x, y + cell] == OverlayColour.of(1))
        #expect(image[x + 1, y + 2 * cell + 1] == image[x, y + 3 * cell])
        #expect(abs(Float(image[x, y + 2 * cell].green) - 255 * trace.steps[step].psi[pixel]) <= 0.5)
      }
    }
    // Frames from number 2 on are not seen.
    let red = RGB(red: 255, green: 0, blue: 0)
    #expect(image[64, 16] != red && image[64 + cell, 16] == red && image[64 + 2 * cell, 16] == red)
  }

  /// Alone, the model goes on from its own prediction: later frames of the clip change nothing.
  @Test func rolloutDoesNotLookAtTheClip() throws {
    let clip = FlyingShapes(objects: 2...2, frames: 8, seed: 5).sequence(0)
    var other = clip
    for place in 4 * 784..<8 * 784 { other.features[place] = 1 - other.features[place] }
    let model = try model(slots: 2)
    func predictions(_ clip: LabelledSequence, observed: Int) throws -> [[Float]] {
      try SequenceTrace(model, clip, slots: 2, observed: observed, seed: 1).steps.map(\.prediction)
    }
    #expect(try predictions(clip, observed: 4) == predictions(other, observed: 4))
    #expect(try predictions(clip, observed: 8) != predictions(other, observed: 8))
    #expect(try predictions(clip, observed: 8).prefix(4) == predictions(clip, observed: 4).prefix(4))
  }

  /// What a Bernoulli model goes on from are binary frames: a clip of them is seen as the rollout was.
  @Test func rolloutsFramesAreBinary() throws {
    var clip = FlyingShapes(objects: 2...2, frames: 8, seed: 5).sequence(0)
    let model = try model(slots: 2)
    let rollout = try SequenceTrace(model, clip, slots: 2, observed: 4, seed: 1)
    for t in 4..<8 {
      for pixel in 0..<784 { clip.features[t * 784 + pixel] = rollout.steps[t - 1].prediction[pixel] > 0.3 ? 1 : 0 }
    }
    let seen = try SequenceTrace(model, clip, slots: 2, observed: 8, seed: 1)
    #expect(seen.steps.map(\.prediction) == rollout.steps.map(\.prediction))
    #expect(seen.steps.map(\.gamma) == rollout.steps.map(\.gamma))
  }
}
