import Foundation

/// A camera that behaves badly: `Tests/Soak/camera.py` on a port of its own, until it is released.
final class Camera {
  static let script = Package.root.appendingPathComponent("Tests/Soak/camera.py").path

  /// Whether the machine can run it.
  static let isAvailable: Bool = {
    guard let outcome = try? Workplace().run("python3 -c 'import socket, threading'") else { return false }
    return outcome.status == 0
  }()

  let port: Int
  private let process = Process()
  private let input = Pipe()

  /// Starts a camera of a kind with options, on a free port unless one is given.
  init(_ kind: String, _ options: [String] = [], port: Int = 0, in folder: URL) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", Self.script, kind, String(port)] + options
    process.currentDirectoryURL = folder
    process.standardInput = input
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line = ""
    while !line.hasSuffix("\n") {
      let part = output.fileHandleForReading.availableData
      if part.isEmpty { break }
      line += String(decoding: part, as: UTF8.self)
    }
    guard let port = Int(line.split(whereSeparator: \.isWhitespace).last ?? "") else {
      throw CocoaError(.fileReadUnknown)
    }
    self.port = port
  }

  /// Ends the camera and all its connections. It may have been started with the gentler signals blocked.
  func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit { if process.isRunning { stop() } }
}
