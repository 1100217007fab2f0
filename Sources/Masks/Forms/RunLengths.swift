import Kernels

/// The mask of one object as COCO's run lengths: pixels column by column from the top left, first a run outside the mask
/// (perhaps empty), then one inside, and so on to the last pixel.
package struct RunLengths: Sendable, Equatable {
  /// The lengths of the runs in pixels; their sum is width · height.
  package let counts: [Int]

  /// The runs of the pixels of `labels` inside `bounds` that are `id`; those outside it are not looked at.
  package init(_ id: Int32, in bounds: PixelRect, of labels: Image<Int32>) {
    precondition(
      bounds.x >= 0 && bounds.y >= 0 && bounds.x + bounds.width <= labels.width
        && bounds.y + bounds.height <= labels.height, "the bounds reach beyond the picture")
    var counts: [Int] = []
    var (start, isInside) = (0, false)
    func turn(at position: Int) {
      counts.append(position - start)
      (start, isInside) = (position, !isInside)
    }
    labels.pixels.withUnsafeBufferPointer { pixels in
      for x in bounds.x..<bounds.x + bounds.width {
        let column = x * labels.height
        // Between two columns of the bounds lie pixels outside.
        if isInside && bounds.height < labels.height { turn(at: column - labels.height + bounds.y + bounds.height) }
        for y in bounds.y..<bounds.y + bounds.height where (pixels[y * labels.width + x] == id) != isInside {
          turn(at: column + y)
        }
      }
    }
    let end = labels.width * labels.height
    if isInside {
      let bottom = (bounds.x + bounds.width - 1) * labels.height + bounds.y + bounds.height
      if bottom < end { turn(at: bottom) }
    }
    counts.append(end - start)
    self.counts = counts
  }

  /// The runs as the text that pycocotools calls compressed: from the fourth run on the difference to the run before last,
  /// in groups of five bits with the lowest first, a sixth bit where more follow, 48 added (`rleToString` of its
  /// maskApi.c).
  package var compressed: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(2 * counts.count)
    for (index, count) in counts.enumerated() {
      var value = index > 2 ? count - counts[index - 2] : count
      while true {
        let group = value & 0x1F
        value >>= 5
        let isLast = value == (group & 0x10 == 0 ? 0 : -1)
        text.append(UInt8(48 + (isLast ? group : group | 0x20)))
        if isLast { break }
      }
    }
    return text
  }

  /// Reads what `compressed` writes; nil where it is nothing of that kind.
  package init?(compressed text: some Sequence<UInt8>) {
    var counts: [Int] = []
    var (value, shift) = (0, 0)
    for byte in text {
      guard (48..<48 + 64).contains(byte), shift < 60 else { return nil }
      let group = Int(byte) - 48
      value |= (group & 0x1F) << shift
      shift += 5
      if group & 0x20 != 0 { continue }
      if group & 0x10 != 0 { value |= -1 << shift }
      counts.append(counts.count > 2 ? value &+ counts[counts.count - 2] : value)
      (value, shift) = (0, 0)
    }
    guard shift == 0 else { return nil }
    self.counts = counts
  }

  /// Gives the pixels inside the mask a number. False, with some of them done, where the runs are not of such a picture.
  package func paint(_ id: Int32, into labels: inout Image<Int32>) -> Bool {
    let (width, height) = (labels.width, labels.height)
    var place = 0
    for (index, count) in counts.enumerated() {
      guard count >= 0, count <= width * height - place else { return false }
      if index % 2 == 1 {
        for position in place..<place + count { labels.pixels[position % height * width + position / height] = id }
      }
      place += count
    }
    return place == width * height
  }
}

extension JSONLine {
  /// A mask as COCO's segmentation: `{"size":[height,width],"counts":"…"}`.
  mutating func segmentation(_ id: Int, in bounds: PixelRect, of labels: Image<Int32>) {
    raw("{\"size\":[")
    whole(labels.height)
    raw(",")
    whole(labels.width)
    raw("],\"counts\":\"")
    for byte in RunLengths(Int32(truncatingIfNeeded: id), in: bounds, of: labels).compressed {
      // Of the 64 characters, only the backslash has to be escaped.
      if byte == UInt8(ascii: "\\") { raw("\\") }
      append(byte)
    }
    raw("\"}")
  }
}
