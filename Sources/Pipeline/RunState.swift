import Foundation
import Kernels
import Masks
import VideoIO

/// What a state belongs to: another run may only go on from it where all of this is the same.
public struct RunIdentity: Sendable, Equatable, Codable {
  /// Version of the program.
  public var program: String
  /// The input: what a file begins with, or the name of a source.
  public var input: String
  /// Size of the pictures in pixels.
  public var width: Int, height: Int
  /// The settings that decide the masks.
  public var settings: [String: Manifest.Setting]
  /// SHA-256 of the network's file; nil if none is used.
  public var model: String?

  /// An identity from its parts.
  public init(
    program: String, input: String, width: Int, height: Int, settings: [String: Manifest.Setting], model: String?
  ) {
    (self.program, self.input, self.settings, self.model) = (program, input, settings, model)
    (self.width, self.height) = (width, height)
  }

  /// Throws where a state of `self` is not one of `run`.
  func check(_ run: RunIdentity) throws(StateFault) {
    if program != run.program { throw StateFault("it is of version \(program) of the program, this is \(run.program)") }
    if input != run.input { throw StateFault("it is of another input") }
    if (width, height) != (run.width, run.height) {
      throw StateFault("it is of \(width)×\(height) pixels, the input has \(run.width)×\(run.height)")
    }
    let names = Set(settings.keys).union(run.settings.keys).sorted()
    if let name = names.first(where: { settings[$0] != run.settings[$0] }) {
      throw StateFault("it was made with another setting of \(name)")
    }
    if model != run.model { throw StateFault("it is of another model") }
  }
}

/// The state of all stages of a run after one frame, as it lies in a file: magic, version, a JSON header, the stages'
/// parts with their lengths, and the SHA-256 of it all.
public struct RunState: Sendable, Equatable {
  /// The parts, in the order of the file.
  package enum Part: Int, CaseIterable {
    case background, segmentation, progress, output
  }

  private struct Header: Codable {
    var identity: RunIdentity
    var frames: Int
    var held: Int
    var time: Double
  }

  /// Changes with the meaning of the bytes.
  static let version: UInt32 = 9
  private static let magic = Array("nem-stream state\n".utf8)
  private static let digestBytes = 32

  /// Frames that the background has learned from, which is the number of the next one; 0: nothing but a beginning.
  public internal(set) var frames = 0
  /// The last of them that are not written yet.
  var held = 0
  /// When the state was made, in seconds since 1970.
  public internal(set) var time = 0.0
  private var parts = [[UInt8]](repeating: [], count: Part.allCases.count)

  /// The state of a run that has done nothing.
  init() {}

  /// The bytes of one part.
  package subscript(part: Part) -> [UInt8] {
    get { parts[part.rawValue] }
    set { parts[part.rawValue] = newValue }
  }

  /// The state of the sinks, to be read.
  public var output: StateArchive { StateArchive(reading: self[.output]) }

  /// The file's bytes in pieces, since the parts are large.
  func encoded(_ identity: RunIdentity) throws -> [[UInt8]] {
    let header = Header(identity: identity, frames: frames, held: held, time: time)
    var (magic, version, archive) = (Self.magic, Self.version, StateArchive())
    var json = Array(try JSONEncoder().encode(header))
    try archive.carry(&magic)
    try archive.carry(&version)
    try archive.carry(list: &json)
    var pieces = [archive.bytes]
    for part in parts {
      // A list as the archive has it: its length comes first.
      var (length, count) = (StateArchive(), part.count)
      try length.carry(&count)
      pieces += [length.bytes, part]
    }
    return pieces + [FileDigest.sha256(of: pieces)]
  }

  /// The state in a file's bytes. Throws unless they are whole, of this version, and of the run `identity`.
  package init(_ bytes: [UInt8], of identity: RunIdentity) throws(StateFault) {
    var (magic, version) = ([UInt8](repeating: 0, count: Self.magic.count), UInt32(0))
    var archive = StateArchive(reading: Array(bytes.dropLast(Self.digestBytes)))
    guard bytes.starts(with: Self.magic) else { throw StateFault("it is not a state of nem-stream") }
    try archive.carry(&magic)
    try archive.carry(&version)
    guard version == Self.version else {
      throw StateFault("it has version \(version), this program reads \(Self.version)")
    }
    guard FileDigest.sha256(archive.bytes) == Array(bytes.suffix(Self.digestBytes)) else {
      throw StateFault("it is damaged")
    }
    var json: [UInt8] = []
    try archive.carry(list: &json)
    guard let header = try? JSONDecoder().decode(Header.self, from: Data(json)), header.frames >= 0,
      0...header.frames ~= header.held
    else { throw StateFault("its header cannot be read") }
    try header.identity.check(identity)
    (frames, held, time) = (header.frames, header.held, header.time)
    for index in parts.indices { try archive.carry(list: &parts[index]) }
    try archive.finish()
  }

  /// The state in a file; nil if there is none.
  public static func read(_ path: String, of identity: RunIdentity) throws(StateFault) -> RunState? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else { throw StateFault("it cannot be read") }
    return try RunState(Array(data), of: identity)
  }
}
