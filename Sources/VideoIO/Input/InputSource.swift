import Glibc

/// Finds the bytes that an input argument names, and makes them readable from front to back.
enum InputSource {
  /// Opens a path, a `file:` URL, or `-` for standard input.
  static func open(_ input: String, options: VideoReaderOptions) throws(VideoError) -> (ByteSource, notes: [String]) {
    if input == "-" { return try open(descriptor: 0, name: "stdin", options: options) }
    let path = try self.path(input)
    return try prepare(ByteSource(path: path, interrupt: options.interrupt), options: options)
  }

  /// Reads an open descriptor, which stays the caller's to close.
  static func open(
    descriptor: Int32, name: String, options: VideoReaderOptions
  ) throws(VideoError) -> (ByteSource, notes: [String]) {
    let source = try ByteSource(descriptor: descriptor, isOwned: false, name: name, interrupt: options.interrupt)
    return try prepare(source, options: options)
  }

  /// A pipe that FFmpeg would have to seek in becomes a temporary file; everything else stays as it is.
  private static func prepare(
    _ source: ByteSource, options: VideoReaderOptions
  ) throws(VideoError) -> (ByteSource, notes: [String]) {
    if source.isSeekable || options.rawVideo != nil { return (source, []) }
    let opening = try ContainerOpening(reading: source)
    source.unread(opening.bytes)
    if opening.bytes.isEmpty { throw .cannotOpen(source.name, reason: "it is empty") }
    guard opening.needsSeeking else { return (source, []) }
    let spool = try Spool(copying: source, limit: options.spoolLimit, interrupt: options.interrupt)
    let note = "\(source.name) cannot be read front to back: its \(spool.size) bytes were put into a temporary file"
    return (spool.source, [note])
  }

  /// The path of a plain argument or `file:` URL. A plain name wins over a URL of the same spelling.
  private static func path(_ input: String) throws(VideoError) -> String {
    if access(input, F_OK) == 0 { return input }
    if input.hasPrefix("file:") {
      var rest = input.dropFirst("file:".count)
      guard rest.hasPrefix("//") else { return String(rest) }
      rest = rest.dropFirst(2)
      if rest.hasPrefix("localhost/") { rest = rest.dropFirst("localhost".count) }
      return percentDecoded(rest)
    }
    if let colon = input.firstRange(of: "://") {
      // The rest of a URL may hold a password.
      let scheme = input[..<colon.lowerBound]
      throw .cannotOpen("\(scheme)://…", reason: "only files, file: URLs and - (standard input) can be read")
    }
    return input
  }

  private static func percentDecoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(Substring(rest.prefix(2))), radix: 16), rest.count >= 2 {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
