/// The first bytes of a pipe, read just far enough to know whether FFmpeg can read it without seeking. It cannot where
/// it is an mp4 or mov file whose index (`moov`) comes after the media (`mdat`), or a GIF, which FFmpeg scans first.
struct ContainerOpening {
  /// Everything that was read.
  private(set) var bytes: [UInt8] = []
  private(set) var needsSeeking = false
  /// Boxes before the media are small in every file we know; beyond this a file is spooled unseen.
  private static let limit = 1 << 20

  /// Reads box headers until the answer is certain.
  init(reading source: ByteSource) throws(VideoError) {
    try fill(from: source, count: 16)
    needsSeeking = bytes.starts(with: Array("GIF8".utf8))
    guard bytes.count >= 8, !needsSeeking, Self.openingTypes.contains(type(at: 0)) else { return }
    var offset = 0
    while bytes.count >= offset + 8 {
      let type = type(at: offset)
      if type == "moov" || type == "moof" { return }
      guard type != "mdat", let size = boxSize(at: offset), size <= Self.limit - offset else {
        needsSeeking = true
        return
      }
      offset += size
      try fill(from: source, count: offset + 16)
    }
  }

  private func type(at offset: Int) -> String { String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self) }

  /// The length of the box that begins at `offset` (ISO 14496-12: 32-bit size, type, perhaps a 64-bit size); nil for one
  /// that reaches to the end, or makes no sense.
  private func boxSize(at offset: Int) -> Int? {
    let short = number(at: offset, bytes: 4)
    let size = short == 1 && bytes.count >= offset + 16 ? number(at: offset + 8, bytes: 8) : short
    return size >= 8 ? size : nil
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
