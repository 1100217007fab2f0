import Foundation
import Testing

/// Training and evaluation from the command line, at toy size.
@Suite struct TrainingTests {
  private static let train =
    "nem-stream train flying-shapes --model m.safetensors --batch 2 --steps 2 --updates 6 --checkpoint-interval 2 "
    + "--threads 1"

  /// A small network for pictures of so many pixels in height and width.
  private static func network(_ side: Int) -> Data {
    func layer(_ outputs: String, _ activation: String) -> String {
      #"{"kind":"linear","outputs":\#(outputs),"kernel":1,"stride":1,"normalized":true,"activation":"\#(activation)"}"#
    }
    let cell = #"{"kind":"linear","outputs":[20],"normalized":true,"activation":"sigmoid"}"#
    let picture = layer("[\(side),\(side),1]", "sigmoid")
    return Data(
      #"{"input":[\#(side),\#(side),1],"encoder":[\#(layer("[30]", "elu"))],"cell":\#(cell),"decoder":[\#(picture)]}"#
        .utf8)
  }

  @Test func resumesAfterAStopAndIsEvaluated() throws {
    let place = try Workplace()
    try place.write(Self.network(28), as: "own.json")
    let train =
      "nem-stream train flying-shapes --network ../own.json --model m.safetensors --batch 2 --steps 2 --updates 400 "
      + "--checkpoint-interval 20 --threads 1"
    try place.succeed("mkdir whole KILL TERM && cd whole && \(train)")
    for (signal, status) in [("KILL", Int32(137)), ("TERM", 75)] {
      #expect(try place.stopTraining(train, by: signal).status == status)
      #expect(!FileManager.default.fileExists(atPath: place.url("\(signal)/m.safetensors").path))
      let state = try place.succeed("nem-stream inspect \(signal)/m.safetensors.checkpoint").output
      #expect(state.contains("state    checkpoint after "), "\(state)")
      try place.fail("cd \(signal) && \(train)", 73, saying: "--resume")
      for other in ["--batch 4", "--updates 5", "--system lstm", "--objects 2"] {
        let changed = "cd \(signal) && \(train) --resume \(other)"
        try place.fail(changed, 65, saying: "resume with the same command")
      }
      try place.succeed("cd \(signal) && \(train) --resume")
      try place.succeed("diff -r whole \(signal)")
    }
    try place.fail("cd whole && \(train)", 73, saying: "it exists")

    try place.succeed("nem-stream $SHORT --masks out --model whole/m.safetensors -q")
    let folder = MaskFolder(place, "out")
    #expect(try folder.manifest().model?.name == "whole/m.safetensors")
    #expect(try folder.frames().count == 90)

    let line = "nem-stream evaluate flying-shapes --model whole/m.safetensors --count 5 --steps 3 --threads 1 --json"
    let object = try JSONSerialization.jsonObject(with: Data(try place.succeed(line).output.utf8)) as? [String: Any]
    let scores = try #require(object)
    #expect(Set(scores.keys) == ["dataset", "model", "sequences", "ami", "ami_arithmetic", "fg_ari", "bce"])
    #expect(scores["sequences"] as? Int == 5)
    #expect(scores["dataset"] as? String == "flying-shapes")
  }

  @Test func aCurveThatCannotBeDrawnEndsNoTraining() throws {
    let place = try Workplace()
    try place.write(Self.network(28), as: "own.json")
    let outcome = try place.succeed("mkdir m.loss.png; \(Self.train) --network own.json")
    #expect(outcome.errors.components(separatedBy: "training goes on without").count == 2, "\(outcome.errors)")
    try place.succeed("nem-stream inspect m.safetensors")
    #expect(try place.run("ulimit -f 2; rm m.safetensors; \(Self.train) --network own.json").status == 74)
  }

  @Test func trainsANetworkOfOnesOwn() throws {
    let place = try Workplace()
    try place.write(Self.network(28), as: "own.json")
    try place.succeed("\(Self.train) --network own.json --counted-steps last")
    let words = try place.succeed("nem-stream inspect m.safetensors").output
    #expect(words.contains("θ of 20") && !words.contains("checkpoint after"))
    try place.succeed("nem-stream evaluate flying-shapes --model m.safetensors --count 5 --steps 3 --threads 1")

    try place.succeed("sed 's/20],/20],\"bias\":true,/' own.json >stray.json")
    let other = Self.train.replacingOccurrences(of: "m.safe", with: "other.safe")
    try place.fail("\(other) --network stray.json", 65, saying: "'cell.bias' is no part of a network")

    let wide = Self.train.replacingOccurrences(of: "m.safe", with: "wide.safe")
    try place.succeed("\(wide) --network own.json --see-others")
    #expect(try place.succeed("nem-stream inspect wide.safetensors").output.contains("what other slots leave"))
    try place.succeed("nem-stream evaluate flying-shapes --model wide.safetensors --count 5 --steps 3 --threads 1")
    try place.succeed("nem-stream $SHORT --masks out --model wide.safetensors -q")

    let placed = Self.train.replacingOccurrences(of: "m.safe", with: "placed.safe")
    try place.succeed("\(placed) --network placed")
    #expect(try place.succeed("nem-stream inspect placed.safetensors").output.contains("a window of 12×12 pixels"))
    try place.succeed("nem-stream evaluate flying-shapes --model placed.safetensors --count 5 --steps 3 --threads 1")
    try place.succeed("nem-stream $SHORT --masks placed --model placed.safetensors -q")

    let again = "\(Self.train.replacingOccurrences(of: "m.safe", with: "n.safe")) --network"
    try place.write(Self.network(24), as: "other.json")
    try place.fail("\(again) other.json", 65, saying: "these clips need [28, 28, 1]")
    try place.write(Data(#"{"input":[28,28,1],"encoder":[{"kind":"linear"}]}"#.utf8), as: "part.json")
    try place.fail("\(again) part.json", 65, saying: "'encoder.0.outputs' is missing")
    try place.write(Data("input: 28".utf8), as: "text.json")
    try place.fail("\(again) text.json", 65, saying: "text.json: it is not JSON")
    try place.fail("\(again) nothing.json", 66, saying: "nothing.json")
  }

  @Test func naturalPicturesAreGrouped() throws {
    let place = try Workplace()
    let network =
      #"{"input":[32,32,3],"encoder":[],"cell":{"kind":"linear","outputs":[16],"normalized":true,"activation":"sigmoid"},"#
      + #""decoder":[{"kind":"linear","outputs":[32,32,3],"kernel":1,"stride":1,"normalized":false,"activation":"identity"}]}"#
    try place.write(Data(network.utf8), as: "small.json")
    try place.succeed("mkdir some none; ffmpeg -nostdin -v error -i $SHORT -frames:v 12 some/%02d.png")
    let train = "nem-stream train pictures --batch 2 --steps 3 --rate 1e-2 --threads 1 --network small.json"
    try place.succeed("\(train) --pictures some --slots 2 --updates 1 --model first.safetensors")
    try place.succeed("\(train) --pictures some --slots 2 --updates 150 --model last.safetensors")
    func scores(_ model: String) throws -> [String: Any] {
      let line =
        "nem-stream evaluate pictures --pictures some --model \(model) --count 2 --steps 3 --figure \(model).png --json"
      let object = try JSONSerialization.jsonObject(with: Data(try place.succeed(line).output.utf8)) as? [String: Any]
      return try #require(object)
    }
    let (first, last) = (try scores("first.safetensors"), try scores("last.safetensors"))
    #expect(last["ami"] == nil, "nobody knows what belongs together")
    let errors = (try #require(first["squared_error"] as? Double), try #require(last["squared_error"] as? Double))
    #expect(errors.1 < 0.5 * errors.0)
    let size = try place.succeed("ffprobe -v error -show_entries stream=width,height -of csv=p=0 last.safetensors.png")
    #expect(size.output == "265,355\n", "three looks; frame, gamma, two slots, prediction")

    let draw = "nem-stream evaluate pictures --pictures some --model last.safetensors --figure"
    try place.fail("\(draw) last.safetensors.png", 73, saying: "--overwrite")
    #expect(try place.run("\(draw) some").errors.contains("must end in .png"))
    try place.fail("\(train) --model m", 64, saying: "--pictures is missing")
    try place.fail("\(train) --model m --pictures nowhere", 66, saying: "nowhere")
    try place.fail("\(train) --model m --pictures none", 65, saying: "too few pictures")
  }

  @Test func refusesBadSettings() throws {
    let place = try Workplace()
    for option in [
      "--updates 0", "--rate 0", "--rate nan", "--decay 2", "--batch x", "--threads 0", "--see-others --system n-em",
      "--bogus",
    ] {
      #expect(try place.run("nem-stream train flying-shapes --model m \(option)").status == 64, "\(option)")
    }
    try place.fail("nem-stream train flying-shapes --model missing/m.safetensors", 73, saying: "missing")
    try place.fail("\(Self.train) --resume", 66, saying: "m.safetensors.checkpoint")
    try place.fail("\(Self.train) --from nothing.safetensors", 66, saying: "nothing")
    #expect(try place.run("nem-stream evaluate flying-shapes --model m --count 0").status == 64)
    #expect(try place.run("nem-stream evaluate flying-shapes --model m --threads 0").status == 64)
  }
}
