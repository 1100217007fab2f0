import Foundation
import Kernels
import VideoIO

/// A file of lines, each handed to the system in one write, so that a kill never leaves half a line.
final class LineFile: Continuable {
  private let path: String
  private let file: Int32
  /// Bytes that stay when a continued file is settled.
  private var kept: Int?
  private var line = JSONLine()

  /// Creates the file, or empties it; one that is continued stays as it is.
  init(_ path: String, isContinued: Bool = false) throws(VideoError) {
    self.path = path
    file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | (isContinued ? 0 : O_CREAT | O_TRUNC), 0o666)
    if file < 0 && isContinued { throw .damaged(path, reason: AtomicFile.systemReason) }
    guard file >= 0 else { throw .cannotCreate(path, reason: AtomicFile.systemReason) }
  }

  deinit { Foundation.close(file) }

  /// Carries the number of bytes. Throws `damaged` where fewer are there.
  func carry(_ archive: inout StateArchive) throws {
    let size = Int(lseek(file, 0, SEEK_END))
    var count = size
    try archive.carry(&count, in: 0...(1 << 60))
    guard count <= size else { throw VideoError.damaged(path, reason: "it ends before the saved state") }
    if archive.isReading { kept = count }
  }

  /// The lines that were there when the state was saved.
  func earlierLines() throws(VideoError) -> [Data] {
    guard let kept, let data = FileManager.default.contents(atPath: path), data.count >= kept else {
      throw .damaged(path, reason: "it ends before the saved state")
    }
    return data.prefix(kept).split(separator: UInt8(ascii: "\n"))
  }

  /// Takes off the lines that came after the saved state.
  func settle() throws(VideoError) {
    guard let kept else { return }
    guard ftruncate(file, off_t(kept)) == 0 else { throw .writeFailed(path, reason: AtomicFile.systemReason) }
    self.kept = nil
  }

  /// Appends what `build` writes; it must end in a newline. On a full disk the part that went in is taken back.
  func append(_ build: (inout JSONLine) -> Void) throws(VideoError) {
    line.clear()
    build(&line)
    let before = lseek(file, 0, SEEK_END)
    guard !AtomicFile.writeWhole(line.bytes[...], to: file) else { return }
    let reason = AtomicFile.systemReason
    ftruncate(file, before)
    throw .writeFailed(path, reason: reason)
  }
}
