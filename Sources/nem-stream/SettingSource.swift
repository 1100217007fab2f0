import ArgumentParser
import Daemon
import Foundation
import VideoIO

extension Settings {
  /// The source's options as the reader takes them.
  var sourceOptions: SourceOptions {
    var options = SourceOptions()
    options.retry =
      switch retryFor {
      case nil: service ? .forever : .never
      case 0: .never
      case .some(let seconds): .for(seconds: Double(seconds))
      }
    options.openTimeout = openTimeout
    options.stallLimit = stallLimit
    options.isLive = live
    options.rtspTransport = rtspTransport
    options.additionalProtocols = allowProtocol?.split(separator: ",").map(String.init) ?? []
    options.captureSize = captureSize
    options.captureRate = captureRate
    return options
  }

  /// How a run reads its source. Throws where the mask image cannot be read.
  func readerOptions() throws -> VideoReaderOptions {
    var options = VideoReaderOptions(
      rawVideo: try rawVideo.map { try RawVideoFormat(parsing: $0) }, spoolLimit: spoolLimit,
      // The stages after the decoder keep about one processor busy.
      threads: threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount - 1), source: sourceOptions,
      interrupt: Interruption.flag)
    options.selection.start = start.flatMap { Moment($0) } ?? .frames(0)
    options.selection.length = duration.flatMap { Moment($0) }
    options.selection.end = end.flatMap { Moment($0) }
    options.selection.every = every
    options.downscale = downscale
    options.concealed = try maskImage.map { try ImageFile.readMask($0) }
    return options
  }

  /// Keeps the newest part of a source for clips, where they cannot be cut from it later; nil where they can, or are not
  /// wanted.
  func clipRecorder(_ address: SourceAddress) -> ClipRecorder? {
    clips != nil && (service || !address.canBeReadAgain) ? ClipRecorder() : nil
  }

  /// The source that `input` or a credential names. A user in its URL gets the password that the credential
  /// `source-password` holds, if there is one.
  func sourceAddress() throws -> SourceAddress {
    if let inputCredential { return SourceAddress(try Credential.read(inputCredential, isRequired: true)!) }
    let address = SourceAddress(input ?? "-")
    guard address.isRemote, let password = try Credential.read("source-password", isRequired: false) else {
      return address
    }
    return address.with(password: password)
  }
}

extension VideoReaderOptions {
  /// What a manifest keeps of the files that are read so, by the settings' names.
  func identities(of address: SourceAddress) -> [String: String] {
    var identities: [String: String] = [:]
    identities["input"] = address.path.flatMap { FileDigest.identity($0) }
    identities["mask_image"] = concealed.map { FileDigest.identity($0) }
    return identities
  }
}

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
