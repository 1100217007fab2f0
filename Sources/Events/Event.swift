import Foundation
import Kernels
import Masks
import VideoIO

/// The appearance or the end of an object.
public struct Event: Sendable {
  /// Which of the two.
  public enum Kind: String, Sendable {
    /// The object is reported for the first time.
    case start
    /// It is reported no more.
    case end
  }

  /// Which of the two.
  public var kind: Kind
  /// What is known of the object so far; `ended` counts at the end only.
  public var track: TrackRecord
  /// The smallest rectangle that held its pixels in the last frame it was seen in.
  public var bounds: PixelRect

  /// An event of an object.
  public init(_ kind: Kind, _ track: TrackRecord, bounds: PixelRect) {
    (self.kind, self.track, self.bounds) = (kind, track, bounds)
  }
}

/// Who is told of events. Called from one thread.
public protocol EventWatcher: AnyObject {
  /// Takes the next event.
  func note(_ event: Event) throws(VideoError)
  /// A frame that is shown at `seconds` has been told of.
  func advance(to seconds: Double) throws(VideoError)
  /// There are no further events.
  func close() throws(VideoError)
  /// Carries what is needed to go on after the events so far; see `MaskDirectory`. Nothing on the disk changes when it is
  /// read.
  func carry(_ archive: inout StateArchive) throws
  /// Takes back what was written after the saved state.
  func settle() throws(VideoError)
}

extension EventWatcher {
  /// Most need not know.
  public func advance(to seconds: Double) throws(VideoError) {}
  /// Most need nothing.
  public func carry(_ archive: inout StateArchive) throws {}
  /// Most have nothing to take back.
  public func settle() throws(VideoError) {}
}

/// A time as people and players write it.
public enum Timecode {
  /// Seconds as `HH:MM:SS.mmm`, with a sign where they are negative.
  public static func text(_ seconds: Double) -> String {
    let bounded = min(max(seconds.isNaN ? 0 : seconds, -1e12), 1e12)
    let total = Int((bounded.magnitude * 1000).rounded())
    func digits(_ number: Int, _ count: Int) -> String { OutputLayout.digits(number, count) }
    let whole = digits(total / 3_600_000, 2) + ":" + digits(total / 60_000 % 60, 2)
    return (bounded < 0 && total > 0 ? "-" : "") + whole + ":" + digits(total / 1000 % 60, 2) + "."
      + digits(total % 1000, 3)
  }

  /// A moment by the clock of this place, as in `2026-03-01T06:00:00+01:00`.
  public static func text(_ moment: Date) -> String {
    moment.formatted(Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: .current))
  }
}
