import Glibc

/// What a demuxer reads: bytes that we fetch ourselves, or an address that FFmpeg opens.
enum InputSource {
  /// A file or pipe, the protocols that a playlist in it may use, and what the user may want to know.
  case bytes(ByteSource, protocols: [String], notes: [String])
  case address(SourceAddress)

  /// Opens what an address names, as far as that is ours to do.
  static func open(
    _ address: SourceAddress, options: VideoReaderOptions, readGuard: ReadGuard
  ) throws(VideoError) -> InputSource {
    switch address.kind {
    case .standardInput:
      return try open(descriptor: 0, name: address.description, options: options, readGuard: readGuard)
    case .file, .namedPipe:
      let source = try ByteSource(path: address.target, readGuard: readGuard)
      if address.kind == .namedPipe {
        guard source.waitUntilReadable() else {
          throw readGuard.interrupt.isSet
            ? .cannotRead(address.description, reason: source.faultReason)
            : .unreachable(address.description, reason: "nothing was written to the pipe")
        }
        readGuard.allow(seconds: nil)
      }
      return try prepare(source, options: options, readGuard: readGuard)
    case .pictures, .stack:
      throw .cannotRead(address.description, reason: "pictures are read one by one")
    case .network, .device:
      try address.checkProtocol(additional: options.source.additionalProtocols)
      return .address(address)
    }
  }

  /// Reads an open descriptor, which stays the caller's to close.
  static func open(
    descriptor: Int32, name: String, options: VideoReaderOptions, readGuard: ReadGuard
  ) throws(VideoError) -> InputSource {
    let source = try ByteSource(descriptor: descriptor, isOwned: false, name: name, readGuard: readGuard)
    return try prepare(source, options: options, readGuard: readGuard)
  }

  /// A pipe that FFmpeg would have to seek in becomes a temporary file; everything else stays as it is.
  private static func prepare(
    _ source: ByteSource, options: VideoReaderOptions, readGuard: ReadGuard
  ) throws(VideoError) -> InputSource {
    let protocols = ["crypto", "data"] + options.source.additionalProtocols
    if source.isSeekable {
      return .bytes(source, protocols: isPlaylist(source.name) ? ["file"] + protocols : protocols, notes: [])
    }
    if options.rawVideo != nil { return .bytes(source, protocols: protocols, notes: []) }
    let opening = try ContainerOpening(reading: source)
    source.unread(opening.bytes)
    if opening.bytes.isEmpty { throw .cannotOpen(source.name, reason: "it is empty") }
    guard opening.needsSeeking else { return .bytes(source, protocols: protocols, notes: []) }
    let spool = try Spool(copying: source, limit: options.spoolLimit, readGuard: readGuard)
    let note = "\(source.name) cannot be read front to back: its \(spool.size) bytes were put into a temporary file"
    return .bytes(spool.source, protocols: protocols, notes: [note])
  }

  /// Only a file whose name says that it is a playlist may name other files: what pretends to be a video may not.
  private static func isPlaylist(_ name: String) -> Bool {
    [".m3u8", ".m3u", ".ffconcat", ".mpd"].contains { name.lowercased().hasSuffix($0) }
  }
}
