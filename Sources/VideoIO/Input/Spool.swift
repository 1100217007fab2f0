import Glibc

/// A pipe's content in a temporary file that has no name, so that nothing is left behind however the process ends.
struct Spool {
  /// The file, to be read from its start.
  let source: ByteSource
  /// Its length in bytes.
  let size: Int

  /// Copies everything that `pipe` still holds. Throws `spoolLimit` where that is more than `limit` bytes.
  init(copying pipe: ByteSource, limit: Int, readGuard: ReadGuard) throws(VideoError) {
    let descriptor = try Self.temporaryFile()
    var isHandedOver = false
    defer { if !isHandedOver { close(descriptor) } }
    var size = 0
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Int(chunk.withUnsafeMutableBufferPointer { pipe.read(into: $0.baseAddress!, count: $0.count) })
      if count == 0 { break }
      if count < 0 { throw .cannotRead(pipe.name, reason: pipe.faultReason) }
      size += count
      if size > limit { throw .spoolLimit(pipe.name, limit: limit) }
      try Self.write(chunk, count: count, to: descriptor)
    }
    lseek(descriptor, 0, SEEK_SET)
    isHandedOver = true
    source = try ByteSource(descriptor: descriptor, isOwned: true, name: pipe.name, readGuard: readGuard)
    self.size = size
  }

  private static func temporaryFile() throws(VideoError) -> Int32 {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let pattern = (folder.isEmpty ? "/tmp" : folder) + "/nem-stream-XXXXXX"
    var path = Array(pattern.utf8CString)
    let descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw .cannotCreate(pattern, reason: systemMessage(errno)) }
    unlink(path)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  private static func write(_ bytes: [UInt8], count: Int, to descriptor: Int32) throws(VideoError) {
    var done = 0
    while done < count {
      let result = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, count - done) }
      if result < 0 && errno == EINTR { continue }
      guard result > 0 else { throw .writeFailed("the temporary file", reason: systemMessage(errno)) }
      done += result
    }
  }
}
