import Foundation
import Testing

@Suite struct ProcessGroupTests {
  private static let mpirun = FileManager.default.isExecutableFile(atPath: "/usr/bin/mpirun")
  private static let train = "nem-stream train shapes --batch 12 --steps 3 --updates 4 --threads 1 --seed 5"

  /// In a container mpirun must be told that it may be root, and that there are fewer processors than processes.
  private static func together(_ count: Int) -> String {
    "env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n \(count)"
  }

  @Test(.enabled(if: mpirun, "mpirun is not installed"), arguments: [2, 3])
  func severalProcessesTrainTheModelOfOne(_ count: Int) throws {
    let place = try Workplace()
    try place.succeed("\(Self.train) --model one.safetensors")
    try place.succeed("mkdir alone && mv one.safetensors alone")
    let outcome = try place.succeed("\(Self.together(count)) \(Self.train) --model one.safetensors")
    try place.succeed("cmp one.safetensors alone/one.safetensors")
    #expect(outcome.errors.components(separatedBy: "update 4/4").count == 2)
  }

  @Test(.enabled(if: mpirun, "mpirun is not installed")) func oneThatFailsEndsAll() throws {
    let place = try Workplace()
    let second = "-n 1 \(Self.train) --model a.safetensors --data nowhere.h5"
    let outcome = try place.run(
      "timeout 100 \(Self.together(1)) \(Self.train) --model a.safetensors : \(second)")
    #expect(![0, 124].contains(outcome.status) && outcome.errors.contains("nowhere.h5"), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: place.url("a.safetensors").path))
  }

  @Test func otherLaunchersAreRefused() throws {
    try Workplace().fail("PMI_SIZE=2 \(Self.train) --model a.safetensors", 69, saying: "mpirun")
  }
}
