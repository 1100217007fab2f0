import CFFmpeg
import Glibc

/// The pictures of a TIFF file (TIFF 6.0, or BigTIFF with offsets of 64 bits). FFmpeg's demuxer takes such a file for one
/// picture; so each is given to the decoder as a file of its own, with the tags that say how it is stored.
final class TIFFStack {
  /// A value of a directory: where its bytes lie.
  private struct Entry {
    let tag: Int, type: Int, count: Int, place: Int
  }

  private let descriptor: Int32
  private let path: String
  /// Bytes of the file.
  private let length: Int
  private let isBigEndian: Bool, isBig: Bool
  /// Why FFmpeg cannot read its pixels, if so; of some it makes black pictures without a word.
  private var misfit: String?
  /// Whether the file ends before its last picture's directory.
  private(set) var isCut = false
  /// Whether directories were left out.
  private var hasOthers = false
  /// Whether it takes more than to decode the file as one picture.
  var isSpecial: Bool { count > 1 || misfit != nil || isCut || hasOthers }
  /// Where the directories of the pictures lie, those of reduced copies left out.
  private var directories: [Int] = []

  /// Number of pictures.
  var count: Int { directories.count }

  /// Bytes of a value by its type.
  private static let sizes = [
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8,
  ]
  private static let subfile = 254, bits = 258, stripOffsets = 273, stripCounts = 279, tileWidth = 322
  private static let sampleFormat = 339, floating = 3
  /// Tags that say how pixels are stored and what they mean.
  private static let kept: Set<Int> = [
    256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 282, 283, 284, 292, 293, 296, 317, 320, 338, 339, 347, 530, 532,
  ]
  private static let mostPictures = 1 << 20
  private static let mostEntries = 4096
  private static let mostBytes = 1 << 30
  /// A colour map of 16 bits, the largest value beside pixels.
  private static let mostTagBytes = 6 << 16
  /// Bits of the subfile's kind that say that it is a smaller copy, or a mask of what is seen through.
  private static let otherKinds = 1 | 4

  /// Whether a file's name says that it may be one.
  static func mayBe(_ path: String) -> Bool {
    let name = path.lowercased()
    return name.hasSuffix(".tif") || name.hasSuffix(".tiff")
  }

  /// Reads the chain of directories; nil where the file is no TIFF.
  init?(_ path: String) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    self.path = path
    var status = stat()
    length = descriptor >= 0 && fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    var header = [UInt8](repeating: 0, count: 16)
    let isRead = descriptor >= 0 && pread(descriptor, &header, 16, 0) >= 8
    isBigEndian = header[0] == UInt8(ascii: "M")
    let mark = isBigEndian ? UInt8(ascii: "M") : UInt8(ascii: "I")
    let version = isBigEndian ? header[3] : header[2]
    isBig = version == 43
    guard isRead, header[0] == mark, header[1] == mark, version == 42 || isBig else { return nil }
    var next = isBig ? number(header, at: 8, size: 8) : number(header, at: 4, size: 4)
    var seen: Set<Int> = []
    while next != 0, seen.insert(next).inserted, seen.count <= Self.mostPictures {
      guard let directory = entries(at: next) else {
        isCut = true
        break
      }
      let kind = directory.entries.first { $0.tag == Self.subfile }.flatMap(values)?.first ?? 0
      if kind & Self.otherKinds == 0 {
        directories.append(next)
        misfit = misfit ?? misfit(of: directory.entries)
      } else {
        hasOthers = true
      }
      next = directory.next
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Throws `cannotOpen` where the pixels of a picture are stored as FFmpeg cannot read them.
  func checkPixels() throws(VideoError) {
    if let misfit { throw .cannotOpen(path, reason: misfit) }
  }

  private func misfit(of entries: [Entry]) -> String? {
    func numbers(_ tag: Int) -> [Int] { entries.first { $0.tag == tag }.flatMap(values) ?? [] }
    if !numbers(Self.tileWidth).isEmpty {
      return "its pixels lie in tiles, which FFmpeg cannot read; save it in strips"
    }
    if numbers(Self.sampleFormat).contains(Self.floating) || numbers(Self.bits).contains(where: { $0 > 16 }) {
      return "its pixels are no whole numbers of up to 16 bits, as FFmpeg reads them; save it with 8 or 16 bits"
    }
    return nil
  }

  /// Decodes a picture, counted from 0. Throws `damaged`, or `cannotOpen` as `checkPixels`.
  func decode(_ index: Int) throws(VideoError) -> FrameHandle {
    try checkPixels()
    _ = VideoLog.prepared
    let name = "\(path) (picture \(index + 1))"
    guard let bytes = file(index) else { throw .damaged(name, reason: "its directory or pixels are cut off") }
    guard let codec = avcodec_find_decoder(AV_CODEC_ID_TIFF), let context = avcodec_alloc_context3(codec) else {
      throw .cannotOpen(name, reason: "this build of FFmpeg has no decoder for tiff")
    }
    var owned: UnsafeMutablePointer<AVCodecContext>? = context
    defer { avcodec_free_context(&owned) }
    let packet = PacketHandle()
    let frame = FrameHandle()
    context.pointee.err_recognition = AV_EF_EXPLODE
    guard avcodec_open2(context, codec, nil) >= 0, av_new_packet(packet.pointer, Int32(bytes.count)) >= 0 else {
      throw .damaged(name, reason: "it cannot be decoded")
    }
    bytes.withUnsafeBufferPointer { packet.pointer.pointee.data.update(from: $0.baseAddress!, count: $0.count) }
    guard avcodec_send_packet(context, packet.pointer) >= 0, avcodec_receive_frame(context, frame.pointer) >= 0 else {
      throw .damaged(name, reason: "it cannot be decoded")
    }
    return frame
  }

  /// One picture as a file; nil where something lies outside the stack.
  private func file(_ index: Int) -> [UInt8]? {
    guard let all = entries(at: directories[index])?.entries else { return nil }
    let found = all.filter { Self.kept.contains($0.tag) }
    let order: [UInt8] = isBigEndian ? [0x4D, 0x4D, 0, 42] : [0x49, 0x49, 42, 0]
    var directory = bytes(found.count, size: 2)
    // What does not fit an entry follows the directory.
    var rest: [UInt8] = []
    let start = 8 + 2 + 12 * found.count + 4
    for entry in found {
      guard let content = content(of: entry, found, after: start, &rest) else { return nil }
      directory += bytes(entry.tag, size: 2) + bytes(content.type, size: 2) + bytes(content.count, size: 4)
      if content.bytes.count <= 4 {
        directory += content.bytes + [UInt8](repeating: 0, count: 4 - content.bytes.count)
      } else {
        directory += bytes(start + rest.count, size: 4)
        rest += content.bytes
      }
    }
    return order + bytes(8, size: 4) + directory + bytes(0, size: 4) + rest
  }

  /// A value as it is written; of strips the places to which they were put in `rest`.
  private func content(
    of entry: Entry, _ all: [Entry], after start: Int, _ rest: inout [UInt8]
  ) -> (type: Int, count: Int, bytes: [UInt8])? {
    if entry.tag == Self.stripOffsets {
      guard let places = values(entry), let lengths = all.first(where: { $0.tag == Self.stripCounts }).flatMap(values),
        places.count == lengths.count
      else { return nil }
      var moved: [UInt8] = []
      for (place, length) in zip(places, lengths) {
        guard rest.count + length <= min(self.length, Self.mostBytes), let pixels = read(place, count: length) else {
          return nil
        }
        moved += bytes(start + rest.count, size: 4)
        rest += pixels
      }
      return (4, places.count, moved)
    }
    if entry.type == 16 {
      guard let values = values(entry) else { return nil }
      return (4, values.count, values.flatMap { bytes($0, size: 4) })
    }
    guard let size = Self.sizes[entry.type], size * entry.count <= Self.mostTagBytes,
      let content = read(entry.place, count: size * entry.count)
    else { return nil }
    return (entry.type, entry.count, content)
  }

  /// The whole numbers of an entry.
  private func values(_ entry: Entry) -> [Int]? {
    guard let size = Self.sizes[entry.type], [3, 4, 16].contains(entry.type),
      let content = read(entry.place, count: size * entry.count)
    else { return nil }
    return (0..<entry.count).map { number(content, at: $0 * size, size: size) }
  }

  private func entries(at place: Int) -> (entries: [Entry], next: Int)? {
    let (countSize, entrySize, wordSize) = isBig ? (8, 20, 8) : (2, 12, 4)
    guard let head = read(place, count: countSize) else { return nil }
    let count = number(head, at: 0, size: countSize)
    guard 1...Self.mostEntries ~= count,
      let table = read(place + countSize, count: count * entrySize + wordSize)
    else { return nil }
    let entries = (0..<count).map { index in
      let start = index * entrySize
      let type = number(table, at: start + 2, size: 2)
      let values = number(table, at: start + 4, size: wordSize)
      let isInside = (Self.sizes[type] ?? 0) * values <= wordSize
      let inside = place + countSize + start + 4 + wordSize
      return Entry(
        tag: number(table, at: start, size: 2), type: type, count: values,
        place: isInside ? inside : number(table, at: start + 4 + wordSize, size: wordSize))
    }
    return (entries, number(table, at: count * entrySize, size: wordSize))
  }

  /// Bytes of the file; nil where it does not have them.
  private func read(_ place: Int, count: Int) -> [UInt8]? {
    guard place >= 0, 0...Self.mostBytes ~= count, place + count <= length else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    return pread(descriptor, &bytes, count, off_t(place)) == count ? bytes : nil
  }

  /// An unsigned number; one that is larger than any file becomes -1.
  private func number(_ bytes: [UInt8], at place: Int, size: Int) -> Int {
    let digits = bytes[place..<place + size]
    let value = (isBigEndian ? Array(digits) : digits.reversed()).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return value < 1 << 48 ? Int(value) : -1
  }

  private func bytes(_ value: Int, size: Int) -> [UInt8] {
    let little = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? little.reversed() : little
  }
}
