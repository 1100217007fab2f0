import Foundation
import Scenes
import Testing

/// Training on footage from the command line, on a small generated video.
@Suite struct FootageTrainingTests {
  private static let train =
    "nem-stream train ../scene.y4m --model m.safetensors --from $MODEL --updates 60 --checkpoint-interval 20 --json"

  /// What `--json` prints.
  private struct Summary: Decodable, Equatable {
    var heldOutBefore: Double
    var heldOutAfter: Double
    var heldOutParametric: Double
    var windowsTraining: Int
    var windowsHeldOut: Int
    var updates: Int
    var bestUpdate: Int
    var model: String
  }

  /// A place with a gray video of silhouettes that move over a textured ground.
  private func place(frames: Int, objects: Int = 5) throws -> Workplace {
    let place = try Workplace()
    var configuration = SilhouetteConfiguration()
    (configuration.width, configuration.height, configuration.colour) = (192, 108, false)
    (configuration.maximumObjects, configuration.arrivalRate) = (objects, 0.15)
    var scene = SilhouetteScene(configuration: configuration, seed: 3)
    var video = Data("YUV4MPEG2 W192 H108 F25:1 Ip A1:1 Cmono\n".utf8)
    for _ in 0..<frames {
      video.append(Data("FRAME\n".utf8))
      video.append(contentsOf: scene.next().luma.map { UInt8($0 * 255) })
    }
    try place.write(video, as: "scene.y4m")
    return place
  }

  private func summary(_ outcome: Outcome) throws -> Summary {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Summary.self, from: Data(outcome.output.utf8))
  }

  @Test func lowersTheHeldOutLossAndSaysSoInTheModel() throws {
    let place = try place(frames: 500)
    try place.succeed("mkdir a b")
    let result = try summary(try place.succeed("cd a && \(Self.train)"))
    #expect(result.heldOutAfter < result.heldOutBefore)
    #expect(result.windowsTraining >= 32 && result.windowsHeldOut >= 8)
    #expect((1...60).contains(result.bestUpdate) && result.model == "m.safetensors")
    let kept = String(decoding: try Data(contentsOf: place.url("a/m.safetensors")), as: UTF8.self)
    let digest = try place.succeed("sha256sum $MODEL").output.prefix(64)
    for part in ["nem-stream train ../scene.y4m", "start_sha256", String(digest), "held_out_after"] {
      #expect(kept.contains(part), "\(part)")
    }

    try place.succeed("cd b && \(Self.train)")
    try place.succeed("diff -r a b")
    // The held-out loss of the model written is the one that was promised.
    let again = try summary(
      try place.succeed("cd b && \(Self.train) --model n.safetensors --from ../a/m.safetensors"))
    #expect(again.heldOutBefore == result.heldOutAfter)
    #expect(again.heldOutParametric == result.heldOutParametric)
    try place.succeed("nem-stream $SHORT --masks out --model a/m.safetensors -q")
  }

  @Test func resumesAfterAStop() throws {
    let place = try place(frames: 500)
    try place.succeed("mkdir whole KILL TERM && cd whole && \(Self.train)")
    for (signal, status) in [("KILL", Int32(137)), ("TERM", 75)] {
      #expect(try place.stopTraining(Self.train, by: signal).status == status)
      #expect(!FileManager.default.fileExists(atPath: place.url("\(signal)/m.safetensors").path))
      try place.fail(
        "cd \(signal) && \(Self.train) --resume --rate 0.01", 65, saying: "resume with the same command")
      try place.succeed("cd \(signal) && \(Self.train) --resume")
      try place.succeed("diff -r whole \(signal)")
    }
  }

  @Test func keepsTheStartWhereNothingIsBetter() throws {
    let place = try place(frames: 500)
    // One step of size 1 for every weight leaves nothing of a network.
    let outcome = try place.succeed("mkdir a; cd a && \(Self.train) --rate 1 --updates 1")
    let result = try summary(outcome)
    #expect(result.heldOutAfter == result.heldOutBefore && result.bestUpdate == 0)
    #expect(outcome.errors.contains("no update lowered the held-out loss"))
    let again = try summary(
      try place.succeed("cd a && \(Self.train) --model n.safetensors --from m.safetensors --updates 1"))
    #expect(again.heldOutBefore == result.heldOutBefore)
  }

  @Test func usesWhatDecodesOfTruncatedFootage() throws {
    let place = try place(frames: 500)
    try place.succeed("head -c 10000000 scene.y4m > cut && mv cut scene.y4m && mkdir a")
    let outcome = try place.succeed("cd a && \(Self.train)")
    #expect(outcome.errors.contains("scene.y4m is truncated"))
    #expect(try summary(outcome).windowsTraining >= 32)
  }

  @Test func refusesWhatCannotBeTrainedOn() throws {
    let short = try place(frames: 30)
    try short.fail("nem-stream train scene.y4m --model m.safetensors --from $MODEL", 65, saying: "too little footage")
    let still = try place(frames: 100, objects: 0)
    try still.fail("nem-stream train scene.y4m --model m.safetensors --from $MODEL", 65, saying: "gave 0 windows")
    try still.fail("nem-stream train no.mp4 --model m.safetensors --from $MODEL", 66, saying: "no.mp4")
    try still.fail("nem-stream train scene.y4m no.mp4 --model m.safetensors --from $MODEL", 66, saying: "no.mp4")
    try still.fail("nem-stream train scene.y4m --model m --from no.safetensors", 66, saying: "no.safetensors")
    try still.fail("nem-stream train scene.y4m --model x/m.safetensors --from $MODEL", 73, saying: "x/m.safetensors")
    try still.fail("nem-stream train scene.y4m --model . --from $MODEL", 73, saying: "it is a directory")
    try still.fail("nem-stream train scene.y4m --model m.safetensors --from $MODEL --resume", 66, saying: "checkpoint")
    let wrong = Package.root.appendingPathComponent("Models/flying-shapes.safetensors").path
    try still.fail(
      "nem-stream train scene.y4m --model m.safetensors --from \(wrong)", 65, saying: "not a shape predictor")
    try still.fail("nem-stream train scene.y4m --model m.safetensors --from scene.y4m", 65, saying: "scene.y4m")
    for option in ["--updates 0", "--rate 2", "--windows 0", "--threads 0", "--model scene.y4m", "--bogus"] {
      #expect(try still.run("nem-stream train scene.y4m --model m \(option)").status == 64, "\(option)")
    }
    #expect(try still.run("nem-stream train --model m").status == 64)
  }
}
