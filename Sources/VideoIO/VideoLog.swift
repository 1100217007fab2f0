import CFFmpeg
import Foundation

/// How much FFmpeg itself writes to standard error.
public enum VideoLog {
  /// Silent by default; true lets FFmpeg's warnings through, for people who look for the cause of a fault.
  public static func setVerbose(_ verbose: Bool) {
    _ = prepared
    av_log_set_level(verbose ? AV_LOG_WARNING : AV_LOG_QUIET)
  }

  /// What the Matroska demuxer says of an element that goes on beyond the end. It ends the stream then as if it were whole.
  private static let cutMessage = "File ended prematurely"
  private static let lock = NSLock()
  nonisolated(unsafe) private static var cutInputs: Set<UnsafeMutableRawPointer> = []

  /// Whether the demuxer has said since the last call that the input ends inside an element.
  static func takeCut(of input: UnsafeMutablePointer<AVFormatContext>) -> Bool {
    lock.withLock { cutInputs.remove(UnsafeMutableRawPointer(input)) != nil }
  }

  /// Silences FFmpeg once, unless somebody chose a level before, and takes passwords out of its lines.
  static let prepared: Void = {
    if av_log_get_level() == AV_LOG_INFO { av_log_set_level(AV_LOG_QUIET) }
    av_log_set_callback { object, level, format, arguments in
      if level == AV_LOG_ERROR, let object, let format, strncmp(format, cutMessage, strlen(cutMessage)) == 0 {
        lock.withLock { _ = cutInputs.insert(object) }
      }
      guard level <= av_log_get_level(), let format, let arguments else { return }
      let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { line in
        var isLineStart: Int32 = 1
        av_log_format_line2(object, level, format, arguments, line.baseAddress, Int32(line.count), &isLineStart)
        return String(cString: line.baseAddress!)
      }
      let bytes = Array(Redaction.redact(text).utf8)
      _ = write(STDERR_FILENO, bytes, bytes.count)
    }
  }()
}
