import Foundation

/// Replaces files in one step, so that a reader or a crash sees the old or the new content and nothing between.
public enum AtomicFile {
  /// Writes `bytes` to a temporary name beside `path` and renames it.
  ///
  /// - Parameter synced: waits until the disk has the content, for files that must survive a loss of power.
  public static func write(_ bytes: [UInt8], to path: String, synced: Bool = false) throws(VideoError) {
    try write(to: path, synced: synced) { put throws(VideoError) in try put(bytes[...]) }
  }

  /// The same for content that `body` puts piece by piece.
  package static func write(
    to path: String, synced: Bool = false,
    _ body: (_ put: (ArraySlice<UInt8>) throws(VideoError) -> Void) throws(VideoError) -> Void
  ) throws(VideoError) {
    guard isReplaceable(path) else { throw .cannotCreate(path, reason: "it is not a regular file") }
    let temporary = temporary(path)
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw .cannotCreate(path, reason: systemReason) }
    var failure: VideoError?
    func check(_ isGood: Bool) {
      if failure == nil && !isGood { failure = .writeFailed(path, reason: systemReason) }
    }
    do throws(VideoError) {
      try body { bytes throws(VideoError) in
        guard writeWhole(bytes, to: file) else { throw .writeFailed(path, reason: systemReason) }
      }
    } catch { failure = error }
    if synced, failure == nil { check(fsync(file) == 0) }
    check(close(file) == 0)
    if failure == nil { check(rename(temporary, path) == 0) }
    guard let failure else { return }
    unlink(temporary)
    throw failure
  }

  /// Whether nothing or a regular file has this name: a device or a pipe would be lost, not written to.
  public static func isReplaceable(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) != 0 || facts.st_mode & S_IFMT == S_IFREG
  }

  /// Whether two names stand for the same file, which is there.
  package static func isSame(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(one, &first) == 0 && stat(other, &second) == 0
      && (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)
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
  package static func writeWhole(_ bytes: ArraySlice<UInt8>, to file: Int32) -> Bool {
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
