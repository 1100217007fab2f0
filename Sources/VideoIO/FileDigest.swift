import CFFmpeg
import Foundation

/// The SHA-256 of files.
public enum FileDigest {
  /// The digest in hexadecimal digits. Throws `notFound` or `cannotRead`.
  public static func sha256(_ path: String) throws(VideoError) -> String {
    guard FileManager.default.fileExists(atPath: path) else { throw .notFound(path) }
    guard let data = FileManager.default.contents(atPath: path), let state = av_sha_alloc() else {
      throw .cannotRead(path, reason: "the file cannot be loaded")
    }
    defer { av_free(UnsafeMutableRawPointer(state)) }
    av_sha_init(state, 256)
    data.withUnsafeBytes { av_sha_update(state, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count) }
    var digest = [UInt8](repeating: 0, count: 32)
    av_sha_final(state, &digest)
    return digest.map { String(format: "%02x", $0) }.joined()
  }
}

/// Versions of the media libraries in use.
public enum MediaLibraries {
  /// Version of libavcodec, for example `59.37.100`.
  public static var codecVersion: String {
    let version = avcodec_version()
    return "\(version >> 16).\(version >> 8 & 255).\(version & 255)"
  }
}
