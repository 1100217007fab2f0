import Glibc

/// Where a video comes from, and how that place may be shown: its description holds no password.
///
/// A path, a folder of pictures or a pattern such as `%05d.png`, a `file:` URL, `-` for standard input, a network URL,
/// `/dev/video0` (or `v4l2:PATH`) for a camera, and `x11grab:DISPLAY` for a screen.
public struct SourceAddress: Sendable, Equatable, CustomStringConvertible {
  package enum Kind: Equatable, Sendable {
    case standardInput
    /// A regular file, or whatever the system says of the path when it is opened.
    case file
    case namedPipe
    case network(scheme: String)
    /// A folder of pictures, or a pattern such as `frames/%05d.png`.
    case pictures
    /// A TIFF file that may hold several pictures.
    case stack
    /// An input of libavdevice by its name there.
    case device(format: String)
  }

  /// The protocols that are allowed without being asked for.
  public static let protocols = ["file", "pipe", "tcp", "udp", "tls", "rtp", "rtsp", "http", "https"]
  package let kind: Kind
  /// What the system or FFmpeg is asked to open, secrets included.
  package let target: String
  /// The address as it may be shown.
  public let description: String

  private init(_ kind: Kind, _ target: String, shown: String? = nil) {
    (self.kind, self.target, description) = (kind, target, shown ?? Redaction.redact(url: target))
  }

  /// Whether it is a network URL, a camera or a screen: something that can be lost and come back.
  public var isRemote: Bool {
    switch kind {
    case .standardInput, .file, .namedPipe, .pictures, .stack: false
    case .network, .device: true
    }
  }

  /// Whether it is a folder of pictures, a pattern of their names, or a TIFF file with several.
  public var isPictures: Bool { kind == .pictures || kind == .stack }

  /// Whether it is a single file, or none, with a picture's ending.
  public var isPicture: Bool { kind == .file && PictureList.isPicture(target) }

  /// Whether it gives the same frames each time it is opened.
  public var canBeReadAgain: Bool { kind == .file || isPictures }

  /// The path of a file or named pipe; nil for all else.
  public var path: String? { kind == .file || kind == .namedPipe || kind == .stack ? target : nil }

  /// Where its bytes lie: a file or named pipe, or the folder of pictures; nil for all else.
  public var place: String? { kind == .pictures ? PicturePattern(target)?.folder ?? target : path }

  /// What output may be called after it: the name of the file or folder without its ending, in characters that every
  /// file system takes.
  public var stem: String {
    guard kind != .standardInput else { return "stdin" }
    let name = description.split(separator: "/").last.map(String.init) ?? "input"
    let plain = name.firstRange(of: "?").map { String(name[..<$0.lowerBound]) } ?? name
    let dot = plain.lastIndex(of: ".").map { $0 == plain.startIndex ? plain.endIndex : $0 } ?? plain.endIndex
    let isFolder = kind == .pictures && PicturePattern(target) == nil
    let stem = String(plain[..<(isFolder ? plain.endIndex : dot)])
    // As a folder's name these would lead out of where it is put.
    let safe = ![".", ".."].contains(stem) ? stem : plain == stem ? "input" : plain
    return safe.map { "\0:*%".contains($0) ? "_" : String($0) }.joined()
  }

  /// Reads an argument. A plain name wins over a URL of the same spelling.
  public init(_ text: String) {
    if text == "-" {
      self.init(.standardInput, text, shown: "stdin")
    } else if let kind = Self.existing(text) {
      self.init(kind, text, shown: text)
    } else if text.hasPrefix("file:") {
      let path = Self.path(ofFileURL: text)
      self.init(Self.existing(path) ?? .file, path, shown: path)
    } else if let format = Self.devices.first(where: { text.hasPrefix($0 + ":") }) {
      self.init(.device(format: format), String(text.dropFirst(format.count + 1)), shown: text)
    } else if text.hasPrefix("/dev/video") || text.hasPrefix("/dev/v4l/") {
      self.init(.device(format: "v4l2"), text)
    } else if let scheme = Self.scheme(text) {
      self.init(.network(scheme: scheme), text)
    } else {
      self.init(PicturePattern(text) == nil ? .file : .pictures, text, shown: text)
    }
  }

  /// The address with a password for the user that it names; itself where it names none, or has a password.
  public func with(password: String) -> SourceAddress {
    guard case .network = kind, let start = target.firstRange(of: "://")?.upperBound else { return self }
    let authority = target[start...].prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@"), !authority[..<at].contains(":") else { return self }
    return SourceAddress(kind, target[..<at] + ":" + Self.percentEncoded(password) + target[at...])
  }

  /// Throws `protocolNotAllowed` for a URL whose protocol nobody allowed.
  func checkProtocol(additional: [String]) throws(VideoError) {
    guard case .network(let scheme) = kind else { return }
    let needed = scheme == "rtsps" ? "rtsp" : scheme
    if Self.protocols.contains(needed) || additional.contains(scheme) { return }
    throw .protocolNotAllowed(description, name: scheme)
  }

  private static let devices = ["v4l2", "x11grab"]

  private static func existing(_ path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    // 81 is the kernel's number for video4linux devices, whatever their name.
    if status.st_mode & S_IFMT == S_IFCHR, status.st_rdev >> 8 & 0xFFF == 81 { return .device(format: "v4l2") }
    switch status.st_mode & S_IFMT {
    case S_IFIFO: return .namedPipe
    case S_IFDIR: return .pictures
    default: return PictureList.stack(path) == nil ? .file : .stack
    }
  }

  private static func scheme(_ text: String) -> String? {
    guard let end = text.firstRange(of: "://")?.lowerBound, end > text.startIndex else { return nil }
    let scheme = text[..<end].lowercased()
    return scheme.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) } ? scheme : nil
  }

  private static func path(ofFileURL text: String) -> String {
    var rest = text.dropFirst("file:".count)
    guard rest.hasPrefix("//") else { return String(rest) }
    rest = rest.dropFirst(2)
    if rest.hasPrefix("localhost/") { rest = rest.dropFirst("localhost".count) }
    return percentDecoded(rest)
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

  private static func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain =
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-._~".utf8.contains(byte)
      let digits = String(byte, radix: 16, uppercase: true)
      return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
    }.joined()
  }
}
