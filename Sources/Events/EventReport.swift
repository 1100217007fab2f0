import Foundation
import Kernels
import Masks
import VideoIO

/// A table with one row for each object that has ended, as CSV with a head or as one JSON array. The file is whole after
/// every row: a kill loses the objects that have not ended, and nothing else.
public final class EventReport: EventWatcher {
  /// How rows are written.
  public enum Form: String, Sendable, CaseIterable {
    /// Values with commas between them, after a line of names.
    case csv
    /// An array of objects.
    case json

    /// The form that a file's name asks for; nil for any other ending.
    public init?(path: String) {
      guard let dot = path.lastIndex(of: ".") else { return nil }
      self.init(rawValue: path[path.index(after: dot)...].lowercased())
    }
  }

  /// A column's name, how many decimals numbers have, and its value.
  private typealias Column = (name: String, value: @Sendable (TrackRecord) -> Value)

  private enum Value {
    case whole(Int)
    case number(Double, decimals: Int)
    case word(String)
    /// What the output of an older version does not tell.
    case unknown
  }

  private static let columns: [Column] = [
    ("id", { .whole($0.id) }), ("start", { .word(Timecode.text($0.firstPTS)) }),
    ("end", { .word(Timecode.text($0.lastPTS)) }),
    ("duration", { .number($0.lastPTS - $0.firstPTS, decimals: 3) }), ("first_frame", { .whole($0.firstFrame) }),
    ("last_frame", { .whole($0.lastFrame) }), ("frames_seen", { .whole($0.framesSeen) }),
    ("mean_area", { .number($0.meanArea, decimals: 2) }),
    ("max_area", { $0.maxArea.map { .whole($0) } ?? .unknown }),
    ("path_length", { $0.pathLength.map { .number($0, decimals: 2) } ?? .unknown }),
    ("ended", { .word($0.ended.rawValue) }),
  ]

  private let path: String
  private let form: Form
  private let isDated: Bool
  private let file: Int32
  /// Where the next row goes: over what ends the file.
  private var end: off_t = 0
  private var rows = 0
  private var line = JSONLine()

  /// Creates the file, or empties it; one that is gone on with stays as it is. A dated table has a last column with the
  /// moment at which an object appeared. Throws `cannotCreate` where that cannot be or the path is no regular file's,
  /// `damaged` where the file to go on with is not there.
  public init(path: String, form: Form, isContinued: Bool = false, isDated: Bool = false) throws(VideoError) {
    guard AtomicFile.isReplaceable(path) else { throw .cannotCreate(path, reason: "it is not a regular file") }
    (self.path, self.form, self.isDated) = (path, form, isDated)
    file = open(path, O_WRONLY | O_CLOEXEC | (isContinued ? 0 : O_CREAT | O_TRUNC), 0o666)
    if file < 0 && isContinued { throw .damaged(path, reason: AtomicFile.systemReason) }
    guard file >= 0 else { throw .cannotCreate(path, reason: AtomicFile.systemReason) }
    if isContinued { return }
    switch form {
    case .csv: line.raw((Self.columns.map(\.name) + (isDated ? ["appeared"] : [])).joined(separator: ",") + "\n")
    case .json: line.raw("[")
    }
    try put()
  }

  deinit { Foundation.close(file) }

  /// Adds a row where an object has ended.
  public func note(_ event: Event) throws(VideoError) {
    if event.kind == .end { try add(event.track) }
  }

  /// Adds a row; `appeared` is for dated tables.
  public func add(_ track: TrackRecord, appeared: Date? = nil) throws(VideoError) {
    line.raw(form == .csv ? "" : rows == 0 ? "\n{" : ",\n{")
    for (index, column) in Self.columns.enumerated() {
      if index > 0 { line.raw(",") }
      write(column.name, column.value(track))
    }
    if isDated {
      line.raw(",")
      write("appeared", appeared.map { .word(Timecode.text($0)) } ?? .unknown)
    }
    line.raw(form == .json ? "}" : "\n")
    try put()
    rows += 1
  }

  private func write(_ name: String, _ value: Value) {
    if form == .json { line.raw("\"\(name)\":") }
    switch value {
    case .whole(let number): line.whole(number)
    case .number(let number, let decimals): line.number(number, decimals: decimals)
    // Words of our own, with nothing in them that either form would take for its own.
    case .word(let word): line.raw(form == .json ? "\"\(word)\"" : word)
    case .unknown: line.raw(form == .json ? "null" : "")
    }
  }

  /// Has nothing left to do.
  public func close() throws(VideoError) {}

  /// Carries how far the rows go. Throws `damaged` where the file is shorter.
  public func carry(_ archive: inout StateArchive) throws {
    try archive.carry(&rows, in: 0...(1 << 48))
    try archive.carry(&end, in: 0...(1 << 60))
    guard end <= lseek(file, 0, SEEK_END) else {
      throw VideoError.damaged(path, reason: "it ends before the saved state")
    }
  }

  /// Takes off the rows that came after the saved state.
  public func settle() throws(VideoError) {
    guard ftruncate(file, end) == 0 else { throw .writeFailed(path, reason: AtomicFile.systemReason) }
    try put()
  }

  /// Hands the row, and what ends the file after it, to the system in one write. What does not go in whole is taken back.
  private func put() throws(VideoError) {
    let length = off_t(line.bytes.count)
    let tail = form == .json ? "\n]\n" : ""
    line.raw(tail)
    defer { line.clear() }
    let written = pwrite(file, line.bytes, line.bytes.count, end)
    if written == line.bytes.count {
      end += length
      return
    }
    // What is left over says why.
    if written >= 0 {
      _ = pwrite(file, Array(line.bytes[written...]), line.bytes.count - written, end + off_t(written))
    }
    let reason = AtomicFile.systemReason
    ftruncate(file, end)
    _ = pwrite(file, tail, tail.utf8.count, end)
    throw .writeFailed(path, reason: reason)
  }
}
