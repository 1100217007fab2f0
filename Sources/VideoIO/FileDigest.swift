import CFFmpeg
import Foundation
import Kernels

/// The SHA-256 of files.
public enum FileDigest {
  /// The digest in hexadecimal digits. Throws `notFound` or `cannotRead`.
  public static func sha256(_ path: String) throws(VideoError) -> String {
    guard FileManager.default.fileExists(atPath: path) else { throw .notFound(path) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .cannotRead(path, reason: "the file cannot be loaded")
    }
    return text(sha256(data))
  }

  /// The length and the digest of the beginning of a file, by which it is known again; nil for what is no file.
  public static func identity(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let file = FileHandle(forReadingAtPath: path),
      let start = try? file.read(upToCount: 1 << 20)
    else { return nil }
    return "\(status.st_size) bytes, sha256 of the first mebibyte \(text(sha256(start)))"
  }

  /// The size and the digest of a picture's values, by which it is known again whatever file holds it.
  public static func identity(_ image: Image<UInt8>) -> String {
    "\(image.width)x\(image.height), sha256 \(text(sha256(Data(image.pixels))))"
  }

  /// The 32 bytes of a digest.
  package static func sha256(_ bytes: some ContiguousBytes) -> [UInt8] { sha256(of: [bytes]) }

  /// The digest of pieces that follow each other.
  package static func sha256(of pieces: [some ContiguousBytes]) -> [UInt8] {
    guard let state = av_sha_alloc() else { fatalError("out of memory") }
    defer { av_free(UnsafeMutableRawPointer(state)) }
    av_sha_init(state, 256)
    for piece in pieces {
      piece.withUnsafeBytes { av_sha_update(state, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count) }
    }
    var digest = [UInt8](repeating: 0, count: 32)
    av_sha_final(state, &digest)
    return digest
  }

  private static func text(_ digest: [UInt8]) -> String { digest.map { String(format: "%02x", $0) }.joined() }
}
