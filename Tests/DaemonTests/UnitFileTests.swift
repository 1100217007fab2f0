import Foundation
import Testing

/// The shipped unit as systemd judges it.
@Suite struct UnitFileTests {
  private static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("systemd/nem-stream@.service")

  private func run(_ line: String) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line + " 2>&1"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  /// The unit with a program that exists, in a folder of its own; nil where systemd-analyze is absent.
  private func unit() throws -> TestFolder? {
    guard try run("command -v systemd-analyze").status == 0 else {
      print("systemd-analyze is not installed here: the unit is not judged")
      return nil
    }
    let folder = try TestFolder()
    let text = try String(contentsOf: Self.source, encoding: .utf8)
    try FileManager.default.createDirectory(atPath: folder.path + "/bin", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/bin/nem-stream", withDestinationPath: "/bin/true")
    try Data(text.replacing("@PREFIX@", with: folder.path).utf8).write(
      to: URL(fileURLWithPath: folder.path + "/nem-stream@garden.service"))
    return folder
  }

  @Test func verifies() throws {
    guard let folder = try unit() else { return }
    let outcome = try run("systemd-analyze verify \(folder.path)/nem-stream@garden.service")
    #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)")
  }

  @Test func isExposedLittle() throws {
    guard let folder = try unit() else { return }
    // The threshold counts tenths: 1.6.
    let line = "systemd-analyze security --offline=true --threshold=16 \(folder.path)/nem-stream@garden.service"
    let outcome = try run(line)
    #expect(outcome.status == 0, "\(outcome.output.suffix(200))")
    #expect(outcome.output.contains("Overall exposure level"))
  }

  @Test func saysWhatItMust() throws {
    let lines = Set(try String(contentsOf: Self.source, encoding: .utf8).split(separator: "\n"))
    for line in [
      "Type=notify", "RestartPreventExitStatus=64 78", "DynamicUser=yes", "DeviceAllow=char-video4linux rw",
      "MemoryDenyWriteExecute=no",
    ] { #expect(lines.contains(Substring(line)), "\(line)") }
  }
}
