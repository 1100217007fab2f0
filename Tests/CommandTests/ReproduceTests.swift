import Foundation
import Testing

/// The papers' experiments from the command line, at toy size.
@Suite struct ReproduceTests {
  private static let line = "nem-stream reproduce shapes --budget 60s --seeds 2 --threads 2 --out"
  /// Four updates of the first stage and six of the second, two and one where slots place shapes, whatever the machine's speed.
  private static let plan = #"{"experiment": "shapes", "budget": 60, "seeds": 2, "factor": 0.001, "clips": 20}"#

  @Test func aKilledRunEndsWithTheSameBytes() throws {
    let place = try Workplace()
    try place.succeed("mkdir whole killed stopped")
    for folder in ["whole", "killed", "stopped"] { try place.write(Data(Self.plan.utf8), as: "\(folder)/plan.json") }
    let whole = try place.succeed("\(Self.line) whole")
    #expect(whole.output.contains("AMI, RNN-EM: published 0.83, ours ") && whole.output.contains("(2 seeds)"))
    #expect(whole.output.contains("updates of every stage × 0.001, 20 test clips of 1000"))

    var statuses: [Int32] = []
    for stage in ["rnn-em-seed1-stage2", "n-em-seed1-stage2", "rnn-em-seed2-stage2"] {
      let outcome = try place.run(
        """
        \(Self.line) killed & p=$!
        until [ -e killed/models/\(stage).safetensors.checkpoint ]; do sleep 0.005; done
        kill -KILL $p; wait $p
        """)
      statuses.append(outcome.status)
    }
    #expect(statuses == [137, 137, 137])
    try place.succeed("\(Self.line) killed && diff -r -x timings.json whole killed")

    let stop = try place.run(
      """
      \(Self.line) stopped & p=$!
      until [ -e stopped/models/n-em-seed1-stage2.safetensors.checkpoint ]; do sleep 0.005; done
      kill -TERM $p; wait $p
      """)
    #expect(stop.status == 75 && stop.errors.contains("the same command goes on"), "\(stop.errors)")
    let others = Self.line.replacingOccurrences(of: "--threads 2", with: "--threads 1")
    try place.succeed("\(others) stopped && diff -r -x timings.json whole stopped")
    #expect(try place.run("ls whole/models").output.contains("checkpoint") == false)
    try check(place)
  }

  private func check(_ place: Workplace) throws {
    let results = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: place.url("whole/results.json"))) as? [String: Any])
    let rows = try #require(results["rows"] as? [[String: Any]])
    #expect(rows.count == 4 && rows.allSatisfy { ($0["ours"] as? [Double])?.count == 2 && $0["std"] is Double })
    #expect(rows[1]["published"] as? Double == 0.41 && rows[1]["sequences_seen"] as? Int == 4 * 32 + 6 * 16)
    let curves = try String(contentsOf: place.url("whole/curves.csv"), encoding: .utf8).split(separator: "\n")
    #expect(curves.count == 1 + 2 * (2 * (4 + 6) + 2 + 1) && curves[0] == "run,seed,update,loss")
    for picture in ["curves", "figures/rnn-em-3-shapes", "figures/n-em-3-shapes"] {
      try place.succeed("ffprobe -v error whole/\(picture).png")
    }
    let timings = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: place.url("whole/timings.json"))) as? [String: Any])
    #expect(timings.count == 18)
  }

  @Test func aBudgetCutsAndBadUseIsNamed() throws {
    let place = try Workplace()
    let outcome = try place.succeed("nem-stream reproduce shapes --budget 2s --seeds 1 --out a --threads 1")
    #expect(outcome.output.contains("cut for 2 s"))
    let plan = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: place.url("a/plan.json"))) as? [String: Any])
    #expect(try #require(plan["factor"] as? Double) < 0.1)
    try place.fail("nem-stream reproduce shapes --budget 3s --seeds 1 --out a", 64, saying: "plan.json")
    try place.fail("nem-stream reproduce flying-shapes --out a", 64, saying: "another experiment")
    try place.succeed("cp a/recipe.json kept.json && sed -i 's/\"slots\" : 3/\"slots\" : 4/' a/recipe.json")
    try place.fail("nem-stream reproduce shapes --budget 2s --seeds 1 --out a", 64, saying: "another version")
    try place.succeed("rm a/recipe.json")
    try place.fail("nem-stream reproduce shapes --budget 2s --seeds 1 --out a", 64, saying: "another version")
    try place.succeed("mv kept.json a/recipe.json && nem-stream reproduce shapes --budget 2s --seeds 1 --out a")
    try place.succeed("echo '{' > a/plan.json")
    try place.fail("nem-stream reproduce shapes --budget 2s --seeds 1 --out a", 65, saying: "plan.json: damaged")
    try place.fail("nem-stream reproduce flying-mnist", 64, saying: "--mnist")
    try place.fail("nem-stream reproduce flying-mnist --mnist gone", 66, saying: "gone/")
    try place.succeed("touch file")
    try place.fail("nem-stream reproduce shapes --out file/b", 73, saying: "file/b")
    for options in ["nothing", "shapes --seeds 0", "shapes --budget 2", "shapes --budget -1s", "shapes --out ''"] {
      #expect(try place.run("nem-stream reproduce \(options)").status == 64, "\(options)")
    }
    #expect(!FileManager.default.fileExists(atPath: place.url("flying-mnist-results").path))
  }
}
