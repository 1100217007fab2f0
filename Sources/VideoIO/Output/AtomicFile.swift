import Foundation

/// Replaces files in one step, so that a reader or a crash sees the old or the new content and nothing between.
public enum AtomicFile {
  /// Writes `bytes` to a temporary name beside `path` and renames it.
  ///
  /// - Parameter synced: waits until the disk has the content, for files that must survive a loss of power.
  public static func write(_ bytes: [UInt8], to path: String, synced: Bool = false) throws(VideoError) {
    let temporary = temporary(path)
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw .cannotCreate(path, reason: systemReason) }
    var failure = writeWhole(bytes, to: file) ? nil : systemReason
    if failure == nil, synced, fsync(file) != 0 { failure = systemReason }
    if close(file) != 0, failure == nil { failure = systemReason }
    if failure == nil, rename(temporary, path) != 0 { failure = systemReason }
    guard let failure else { return }
    unlink(temporary)
    throw .writeFailed(path, reason: failure)
  }

  /// What the temporary names end in.
  package static let temporarySuffix = ".part"

  /// The name under which the new content of `path` is written; a kill may leave it behind.
  package static func temporary(_ path: String) -> String { path + temporarySuffix }

  /// Replaces the content of a small file where it lies, for a disk that has no room for a second copy.
  public static func overwrite(_ bytes: [UInt8], at path: String) throws(VideoError) {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw .writeFailed(path, reason: systemReason) }
    defer { close(file) }
    guard pwrite(file, bytes, bytes.count, 0) == bytes.count, ftruncate(file, off_t(bytes.count)) == 0 else {
      throw .writeFailed(path, reason: systemReason)
    }
  }

  /// Writes all of `bytes`, going on after interruptions and partial writes; false with `errno` set if that fails.
  package static func writeWhole(_ bytes: [UInt8], to file: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = Foundation.write(file, buffer.baseAddress! + done, buffer.count - done)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
  }

  /// The system's words for the current `errno`.
  package static var systemReason: String { String(cString: strerror(errno)) }
}
