import Synchronization

/// Where in a file its key frames lie, as far as it has been read. Transport streams have no index, and where several were
/// put together their clock goes back, so that times alone lead nowhere. One thread reads the file, others may ask.
public final class KeyPlaces: Sendable {
  struct Place {
    /// Byte of the file.
    let position: Int64
    /// When the frame is shown, in seconds as frames are delivered.
    let seconds: Double
    /// Seconds by which frames are delivered later than the file says, from here on.
    let shift: Double
    /// Whether that is another number than before.
    let isTurn: Bool
  }

  /// FFmpeg's name of the container whose frames say at which byte they begin, and that can be read from there on.
  static let container = "mpegts"
  private let places = Mutex<[Place]>([])
  private let lost = Atomic<Bool>(false)
  /// Beyond this many, every second one goes: what is between them has to be searched.
  private static let limit = 1 << 14

  init() {}

  /// A frame at a byte is delivered at `seconds`, which is `shift` later than the file says.
  func note(position: Int64, isKey: Bool, seconds: Double, shift: Double) {
    places.withLock { places in
      let isTurn = places.last.map { $0.shift != shift } ?? true
      guard isKey || isTurn, position > places.last?.position ?? -1 else { return }
      places.append(Place(position: position, seconds: seconds, shift: shift, isTurn: isTurn))
      guard places.count > Self.limit else { return }
      places = places.enumerated().filter { $0.element.isTurn || $0.offset % 2 == 0 }.map(\.element)
    }
  }

  /// The clock of a file that is not read by places has jumped.
  func lose() { lost.store(true, ordering: .relaxed) }

  /// Whether times of the frames as they are delivered say nothing of where they lie.
  var areLost: Bool { lost.load(ordering: .relaxed) }

  /// Whether the file is to be read by places.
  var areKept: Bool { places.withLock { !$0.isEmpty } }

  /// Bytes at which to look for the last key frame at or before a time, the most promising first.
  func positions(before seconds: Double) -> [Int64] {
    places.withLock { places in
      let count = places.partitioningIndex { $0.seconds > seconds }
      return places[..<count].suffix(Self.attempts).reversed().map(\.position)
    }
  }

  /// Seconds by which what lies at a byte is delivered later than the file says.
  func shift(at position: Int64) -> Double {
    places.withLock { places in
      let count = places.partitioningIndex { $0.position > position }
      return (count > 0 ? places[count - 1] : places.first)?.shift ?? 0
    }
  }

  /// A packet may begin before the byte that its frame is said to lie at.
  private static let attempts = 3
}

extension Array {
  /// The first index for which `belongs` holds, which holds for all that follow; the count where there is none.
  fileprivate func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
