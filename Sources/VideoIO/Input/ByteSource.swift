import CFFmpeg
import Glibc

/// The bytes of an input: a file that can be sought, or a pipe with the header that was read ahead. FFmpeg reads through
/// it, so that a fault of the system is never taken for the end of the stream.
final class ByteSource {
  /// What messages call the input.
  let name: String
  let isSeekable: Bool
  /// The system error that ended reading; 0 if none did.
  private(set) var failure: Int32 = 0
  /// The first bytes, as far as they were read: what `DeclaredLength` looks at.
  private(set) var opening: [UInt8] = []
  private let descriptor: Int32
  private let isOwned: Bool
  /// Ends a waiting read.
  private let readGuard: ReadGuard
  /// Where in the file the input begins: a redirected file may have been read from before.
  private let origin: Int64
  private var position: Int64 = 0
  private var header: ArraySlice<UInt8> = []
  /// What was read of a pipe, as boxes.
  private var boxes = BoxLengths()

  /// Reads from an open descriptor, which is closed at the end only if `isOwned`. A regular file is read from its
  /// current offset on. Throws `cannotRead` for a directory and `cannotOpen` for an empty file.
  init(descriptor: Int32, isOwned: Bool, name: String, readGuard: ReadGuard) throws(VideoError) {
    self.name = name
    self.descriptor = descriptor
    self.isOwned = isOwned
    self.readGuard = readGuard
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      origin = 0
      isSeekable = false
      throw .cannotRead(name, reason: systemMessage(code))
    }
    let kind = status.st_mode & S_IFMT
    let offset = kind == S_IFREG ? lseek(descriptor, 0, SEEK_CUR) : -1
    isSeekable = offset >= 0
    origin = Int64(max(0, offset))
    if kind == S_IFDIR { throw .cannotRead(name, reason: "it is a directory; name a video file in it") }
    if isSeekable && status.st_size <= origin { throw .cannotOpen(name, reason: "the file is empty") }
  }

  /// Opens a file, or a named pipe without waiting for its writer.
  convenience init(path: String, readGuard: ReadGuard) throws(VideoError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      throw code == ENOENT || code == ENOTDIR ? .notFound(path) : .cannotRead(path, reason: systemMessage(code))
    }
    try self.init(descriptor: descriptor, isOwned: true, name: path, readGuard: readGuard)
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// Length of a seekable input in bytes; nil for a pipe.
  var size: Int64? {
    var status = stat()
    guard isSeekable, fstat(descriptor, &status) == 0 else { return nil }
    return max(0, Int64(status.st_size) - origin)
  }

  /// The last byte of a seekable input.
  var finalByte: UInt8? {
    var byte: UInt8 = 0
    guard let size, size > 0, pread(descriptor, &byte, 1, off_t(origin + size - 1)) == 1 else { return nil }
    return byte
  }

  /// The length that the input has as an MP4 file, as far as its boxes say; a pipe must have been read to its end.
  var boxLength: Int64? {
    guard let size else { return boxes.length }
    var boxes = BoxLengths()
    var bytes = [UInt8](repeating: 0, count: 16)
    while let next = boxes.length, next < size {
      let place = boxes.next
      let count = pread(descriptor, &bytes, bytes.count, off_t(origin + place))
      guard count > 0 else { return nil }
      bytes.withUnsafeBufferPointer { boxes.take(UnsafeBufferPointer(rebasing: $0[..<count]), at: place) }
      // The file ends inside the header.
      if boxes.next == place { return boxes.length }
    }
    return boxes.length
  }

  /// Reads up to `count` bytes. Returns their number, 0 at the end, or FFmpeg's code of a fault.
  func read(into buffer: UnsafeMutablePointer<UInt8>, count: Int) -> Int32 {
    let result = fetch(into: buffer, count: count)
    let start = Int(position) - Int(max(0, result))
    if result > 0 && start == opening.count && start < DeclaredLength.openingSize {
      opening += UnsafeBufferPointer(start: buffer, count: min(Int(result), DeclaredLength.openingSize - start))
    }
    if result > 0 && !isSeekable {
      boxes.take(UnsafeBufferPointer(start: buffer, count: Int(result)), at: Int64(start))
    }
    return result
  }

  private func fetch(into buffer: UnsafeMutablePointer<UInt8>, count: Int) -> Int32 {
    if !header.isEmpty {
      let taken = min(count, header.count)
      for index in 0..<taken { buffer[index] = header[header.startIndex + index] }
      header = header.dropFirst(taken)
      position += Int64(taken)
      return Int32(taken)
    }
    while true {
      guard waitUntilReadable() else { return NEM_AVERROR_EXIT }
      let result =
        isSeekable ? pread(descriptor, buffer, count, off_t(origin + position)) : Glibc.read(descriptor, buffer, count)
      if result >= 0 {
        position += Int64(result)
        return Int32(result)
      }
      if errno == EINTR || errno == EAGAIN { continue }
      failure = errno
      return nem_averror(failure)
    }
  }

  /// FFmpeg's seek: `whence` is SEEK_SET, SEEK_CUR, SEEK_END or AVSEEK_SIZE.
  func seek(to offset: Int64, whence: Int32) -> Int64 {
    guard let size else { return Int64(nem_averror(ESPIPE)) }
    let target: Int64
    switch whence & ~AVSEEK_FORCE {
    case AVSEEK_SIZE: return size
    case SEEK_SET: target = offset
    case SEEK_CUR: target = position + offset
    case SEEK_END: target = size + offset
    default: return Int64(NEM_AVERROR_EINVAL)
    }
    guard target >= 0 else { return Int64(NEM_AVERROR_EINVAL) }
    position = target
    return target
  }

  /// Gives bytes that were read ahead from a pipe back, to be read again.
  func unread(_ bytes: [UInt8]) {
    header = bytes + header
    position -= Int64(bytes.count)
  }

  /// Waits for data on anything but a regular file; false once the read has to end.
  func waitUntilReadable() -> Bool {
    if isSeekable { return !readGuard.mustStop }
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while !readGuard.mustStop {
      let ready = poll(&poller, 1, 100)
      if ready > 0 || (ready < 0 && errno != EINTR) { return true }
    }
    return false
  }
}

/// The system's text for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }

extension ByteSource {
  /// Length of the input in bytes, once it has been read: a pipe is emptied to find out.
  func measureLength() -> Int64 {
    if let size { return size }
    var rest = [UInt8](repeating: 0, count: 1 << 16)
    while rest.withUnsafeMutableBufferPointer({ read(into: $0.baseAddress!, count: $0.count) }) > 0 {}
    return position
  }

  /// Why `read` failed, in words.
  var faultReason: String {
    failure != 0 ? systemMessage(failure) : readGuard.interrupt.isSet ? "interrupted" : "no data in time"
  }
}
