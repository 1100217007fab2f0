import ArgumentParser
import Foundation
import VideoIO

/// The options of network sources, cameras, screens and endless pipes.
struct SourceArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "File in $CREDENTIALS_DIRECTORY that holds the whole URL, instead of INPUT.", valueName: "name"))
  var inputCredential: String?
  @Option(
    help: ArgumentHelp("Try a lost or unreachable source again for so long, waiting 1 to 30 s.", valueName: "seconds"))
  var retryFor: Double = 0
  @Option(help: ArgumentHelp("Time for opening a source and its first frame.", valueName: "seconds"))
  var openTimeout: Double = SourceOptions().openTimeout
  @Option(help: ArgumentHelp("Time without a frame after which a source is lost.", valueName: "seconds"))
  var stallLimit: Double = SourceOptions().stallLimit
  @Flag(
    inversion: .prefixedNo,
    help: "Drop frames to keep up, or never; the default is yes for cameras, screens and endless network streams.")
  var live: Bool?
  @Option(help: "tcp, or udp where a camera speaks no other.") var rtspTransport = RTSPTransport.tcp
  @Option(
    help: ArgumentHelp(
      "Protocol to allow beside \(SourceAddress.protocols.joined(separator: ", ")), also for playlists' entries.",
      valueName: "name"))
  var allowProtocol: [String] = []
  @Option(help: ArgumentHelp("Picture size asked of a camera or screen, as 640x480.", valueName: "size"))
  var captureSize: String?
  @Option(help: ArgumentHelp("Frames per second asked of a camera or screen.", valueName: "rate"))
  var captureRate: Double?

  func validate() throws {
    for (name, value) in [("--open-timeout", openTimeout), ("--stall-limit", stallLimit)] {
      guard (0.1...86_400).contains(value) else { throw ValidationError("\(name) is \(value); it must be 0.1…86400") }
    }
    guard retryFor >= 0 else { throw ValidationError("--retry-for is \(retryFor); it must not be negative") }
    guard (0.01...1000).contains(captureRate ?? 1) else {
      throw ValidationError("--capture-rate is \(captureRate!); it must be 0.01…1000")
    }
    if let captureSize, captureSize.wholeMatch(of: /[1-9][0-9]{0,4}x[1-9][0-9]{0,4}/) == nil {
      throw ValidationError("--capture-size is '\(captureSize)'; it must be WIDTHxHEIGHT")
    }
    for name in allowProtocol where name.wholeMatch(of: /[a-z0-9+]+/) == nil {
      throw ValidationError("--allow-protocol is '\(name)'; it must be the name of one protocol, such as srt")
    }
  }

  /// The options as the reader takes them.
  var options: SourceOptions {
    var options = SourceOptions()
    if retryFor > 0 { options.retry = .for(seconds: retryFor) }
    options.openTimeout = openTimeout
    options.stallLimit = stallLimit
    options.isLive = live
    options.rtspTransport = rtspTransport
    options.additionalProtocols = allowProtocol
    options.captureSize = captureSize
    options.captureRate = captureRate
    return options
  }

  /// The source that INPUT or a credential names. A user in its URL gets the password that the credential
  /// `source-password` holds, if there is one. Throws a usage error unless just one of the two is given.
  func address(_ input: String?) throws -> SourceAddress {
    guard let inputCredential else {
      guard let input else { throw ValidationError("nothing to read: give INPUT or --input-credential NAME") }
      let address = SourceAddress(input)
      guard address.isRemote, let password = try Credential.read("source-password", isRequired: false) else {
        return address
      }
      return address.with(password: password)
    }
    guard input == nil else { throw ValidationError("give INPUT or --input-credential, not both") }
    return SourceAddress(try Credential.read(inputCredential, isRequired: true)!)
  }
}

extension RTSPTransport: ExpressibleByArgument {}

/// A secret that the service manager passes in a file (systemd's LoadCredential).
enum Credential {
  /// The first line of a credential; nil where it is absent and not required.
  static func read(_ name: String, isRequired: Bool) throws -> String? {
    guard !name.isEmpty, !name.contains("/") else {
      throw ValidationError("'\(name)' is not the name of a credential: it must be a file name without folders")
    }
    guard let folder = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] else {
      if !isRequired { return nil }
      throw CommandFault(
        description: "no credential \(name): $CREDENTIALS_DIRECTORY is not set; systemd's LoadCredential= sets it",
        exitCode: 66)
    }
    guard let text = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8) else {
      if !isRequired { return nil }
      throw CommandFault(description: "no credential \(name) in $CREDENTIALS_DIRECTORY (\(folder))", exitCode: 66)
    }
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    guard !line.isEmpty else { throw CommandFault(description: "the credential \(name) is empty", exitCode: 65) }
    return line
  }
}
