/// The first bytes of a pipe, read just far enough to know whether FFmpeg can read it without seeking. It cannot where
/// it is an mp4 or mov file whose index (`moov`) comes after the media (`mdat`), or a GIF, which FFmpeg scans first.
struct ContainerOpening {
  /// Everything that was read.
  private(set) var bytes: [UInt8] = []
  private(set) var needsSeeking = false
  /// Boxes before the media are small in every file we know; beyond this a file is spooled unseen.
  private static let limit = 1 << 20

  /// Reads box headers (ISO 14496-12: 32-bit size, type, perhaps a 64-bit size) until `moov`, `moof` or `mdat`.
  init(reading source: ByteSource) throws(VideoError) {
    var offset = 0
    while true {
      try fill(from: source, count: offset + 16)
      guard bytes.count >= offset + 8 else { return }
      let type = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
      if offset == 0 && bytes.starts(with: Array("GIF8".utf8)) {
        needsSeeking = true
        return
      }
      if offset == 0 && !Self.openingTypes.contains(type) { return }
      if type == "moov" || type == "moof" { return }
      needsSeeking = type == "mdat"
      if needsSeeking { return }
      var size = number(at: offset, bytes: 4)
      if size == 1 && bytes.count >= offset + 16 { size = number(at: offset + 8, bytes: 8) }
      guard size >= 8 else { return }
      guard size <= Self.limit - offset else {
        needsSeeking = true
        return
      }
      offset += size
    }
  }

  /// Boxes that a file may begin with.
  private static let openingTypes: Set<String> = [
    "ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp", "uuid",
  ]

  private func number(at offset: Int, bytes count: Int) -> Int {
    // A size beyond Int is beyond any limit as well.
    Int(clamping: bytes[offset..<offset + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private mutating func fill(from source: ByteSource, count: Int) throws(VideoError) {
    while bytes.count < count {
      let start = bytes.count
      var chunk = [UInt8](repeating: 0, count: count - start)
      let result = chunk.withUnsafeMutableBufferPointer { source.read(into: $0.baseAddress!, count: $0.count) }
      if result == 0 { return }
      if result < 0 { throw .cannotRead(source.name, reason: source.faultReason) }
      bytes += chunk.prefix(Int(result))
    }
  }
}
