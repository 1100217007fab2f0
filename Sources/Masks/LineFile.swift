import Foundation
import VideoIO

/// A file of lines, each handed to the system in one write, so that a kill never leaves half a line.
final class LineFile {
  private let path: String
  private let file: Int32
  private var line = JSONLine()

  /// Creates the file, or empties it.
  init(_ path: String) throws(VideoError) {
    self.path = path
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw .cannotCreate(path, reason: AtomicFile.systemReason) }
  }

  deinit { Foundation.close(file) }

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
