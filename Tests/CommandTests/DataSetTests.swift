import Foundation
import Testing

/// The papers' data sets from the command line: files, training and evaluation on them, and bad use.
@Suite struct DataSetTests {
  private static let sets = [
    "shapes", "flying-shapes", "balls --frames 4", "balls --curtain --objects 2..3 --frames 4",
  ]

  @Test(arguments: sets) func aFileTrainsAndEvaluates(_ set: String) throws {
    let place = try Workplace()
    let name = set.prefix { $0 != " " }
    try place.succeed("nem-stream generate \(set) --count 4 --validation 2 --test 3 --seed 5 --out a.h5")
    try place.succeed(
      "sleep 1; nem-stream generate \(set) --count 4 --validation 2 --test 3 --seed 5 --out b.h5 && cmp a.h5 b.h5")
    let outcome = try place.succeed(
      """
      nem-stream train \(name) --data a.h5 --model m.safetensors --batch 2 --steps 2 --slots 2 --updates 1 --threads 1 \
      --checkpoint-interval 1
      """)
    #expect(outcome.errors.contains("validation loss"))
    let line = "nem-stream evaluate \(name) --data a.h5 --model m.safetensors --steps 3 --threads 1 --json"
    let object = try JSONSerialization.jsonObject(with: Data(try place.succeed(line).output.utf8)) as? [String: Any]
    let scores = try #require(object)
    // Balls may hit each other.
    #expect(
      Set(scores.keys).subtracting(["collision_bce"]) == [
        "dataset", "model", "sequences", "ami", "ami_arithmetic", "fg_ari", "bce",
      ])
    #expect(scores["sequences"] as? Int == 3 && scores["dataset"] as? String == String(name))
  }

  /// The training part of a file is what `train` generates with the same seed, in another order.
  @Test func digitsTrainAndEvaluate() throws {
    let place = try Workplace()
    var pictures = Data([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28])
    pictures.append(contentsOf: (0..<2 * 784).map { UInt8($0 % 200) })
    for name in ["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"] { try place.write(pictures, as: name) }
    try place.succeed("gzip t10k-images-idx3-ubyte")
    try place.fail("nem-stream generate flying-mnist --mnist . --out a.h5", 65, saying: "50000 are needed")
    try place.succeed("nem-stream generate flying-mnist --mnist . --digits 2 --count 2 --frames 4 --out a.h5")
    for clips in ["--mnist . --digits 2", "--data a.h5"] {
      try place.succeed(
        """
        nem-stream train flying-mnist \(clips) --model m.safetensors --batch 2 --steps 2 --updates 1 --threads 1 &&
        nem-stream evaluate flying-mnist \(clips) --model m.safetensors --steps 3 --count 2 --threads 1 &&
        mv m.safetensors last.safetensors
        """)
    }
    let held = try place.succeed(
      "nem-stream evaluate flying-mnist --mnist . --model last.safetensors --steps 3 --count 2 --threads 1 --json")
    #expect(held.output.contains("\"squared_error\":") && !held.output.contains("bce"))
    let placed = try place.succeed(
      """
      nem-stream train flying-mnist --mnist . --digits 2 --network placed --model p --batch 2 --steps 2 --updates 1 &&
      nem-stream inspect p && nem-stream evaluate flying-mnist --mnist . --model p --steps 3 --count 2 --json
      """)
    #expect(placed.output.contains("grey-bernoulli") && placed.output.contains("\"bce\":"))
    let recalled = try place.succeed(
      """
      nem-stream generate flying-mnist --mnist . --digits 2 --objects 1 --count 2 --frames 4 --out one.h5 &&
      nem-stream train flying-mnist --data one.h5 --network memory --model r --batch 2 --steps 2 --updates 1 &&
      nem-stream inspect r && nem-stream evaluate flying-mnist --mnist . --model r --steps 3 --count 2 --json
      """)
    #expect(recalled.output.contains("recalls") && recalled.output.contains("\"bce\":"))
    try place.fail(
      "nem-stream train flying-mnist --data a.h5 --network memory --model s --steps 2 --updates 1", 65,
      saying: "clips of one object")
    try place.fail("nem-stream evaluate flying-mnist --model last.safetensors", 64, saying: "--mnist")
    try place.fail("nem-stream generate flying-mnist --mnist gone --out b.h5", 66, saying: "gone/train-images")
    try place.succeed("head -c 100 t10k-images-idx3-ubyte.gz > t && mv t t10k-images-idx3-ubyte.gz")
    try place.fail("nem-stream evaluate flying-mnist --mnist . --model last.safetensors", 65, saying: "ends early")
  }

  @Test func badUseOfGenerate() throws {
    let place = try Workplace()
    for options in [
      "shapes --count 0", "shapes --objects 0", "balls --objects 11", "balls --objects 8..6", "balls --frames 0",
      "flying-mnist --digits 0 --mnist .", "flying-shapes --test 0",
    ] {
      #expect(try place.run("nem-stream generate \(options) --out a.h5").status == 64, "\(options)")
    }
    try place.fail("nem-stream generate flying-mnist --out a.h5", 64, saying: "--mnist")
    try place.fail("nem-stream generate shapes --out gone/a.h5", 73, saying: "gone/a.h5")
    try place.succeed("nem-stream generate shapes --count 2 --out a.h5")
    try place.fail("nem-stream generate shapes --count 2 --out a.h5", 73, saying: "--overwrite")
    try place.succeed("nem-stream generate shapes --count 2 --out a.h5 --overwrite")
    // A limit on the size of files stands for a full disk.
    try place.fail("ulimit -f 100; nem-stream generate balls --out b.h5", 74, saying: "File too large")
    let stopped = try place.run(
      """
      nem-stream generate balls --count 1000000 --out c.h5 & p=$!
      until [ -e c.h5.part ]; do sleep 0.01; done
      sleep 0.2; kill -TERM $p; wait $p
      """)
    #expect(stopped.status == 75)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.path) == ["a.h5"])
  }

  @Test func damagedFilesEndWithOneLine() throws {
    let place = try Workplace()
    try place.succeed("nem-stream train shapes --model m.safetensors --batch 1 --steps 2 --updates 1 --threads 1")
    try place.succeed("nem-stream generate shapes --count 20 --out a.h5 && head -c 3000 a.h5 > cut.h5")
    try place.succeed("nem-stream generate balls --count 1 --frames 3 --out balls.h5")
    let evaluate = "nem-stream evaluate shapes --model m.safetensors --threads 1 --data"
    try place.fail("\(evaluate) cut.h5", 65, saying: "cut.h5")
    try place.fail("\(evaluate) m.safetensors", 65, saying: "not a complete HDF5 file")
    try place.fail("\(evaluate) balls.h5 --steps 2", 65, saying: "64×64×1")
    try place.fail("\(evaluate) gone.h5", 66, saying: "gone.h5")
    let idle = [
      "\(evaluate) a.h5 --objects 2", "nem-stream train shapes --model n.safetensors --data a.h5 --objects 2",
    ]
    for line in idle { #expect(try place.run(line).errors.contains("holds its clips"), "\(line)") }
    let mixed = "nem-stream train shapes --model n.safetensors --network placed --system n-em"
    #expect(try place.run(mixed).status == 64)
    try place.fail("\(evaluate) .", 66, saying: "regular file")
    try place.fail("nem-stream train shapes --data cut.h5 --model n.safetensors", 65, saying: "cut.h5")
  }
}
