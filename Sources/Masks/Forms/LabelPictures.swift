import Kernels
import VideoIO

/// One picture of object numbers per frame, as the benchmarks DAVIS (Pont-Tuset et al. 2017) and MOTS (Voigtlaender et al.
/// 2019) store them.
final class LabelPictures: MaskForm {
  /// The class of every object, for want of any other: the one that KITTI MOTS and MOTSChallenge share.
  static let motsClass = 2

  private let folder: String
  /// The number of the first frame's picture, and how many digits it has.
  private let first: Int
  private let digits: Int
  private let earlier: EarlierFrames?
  private let write: (Image<Int32>, _ path: String) throws(VideoError) -> Void
  private var limit: NumberLimit

  /// Indexed pictures `Annotations/NAME/00000.png` in the colours of PASCAL VOC. An object's index is its number, up to
  /// 254: DAVIS takes 255 for pixels that do not count.
  init(davis shape: FormShape) throws(VideoError) {
    (folder, first, digits, earlier) = (shape.layout.annotations + "/" + shape.name, 0, 5, shape.earlier)
    try shape.makeNumberedFolder(folder)
    let limit = NumberLimit(254)
    self.limit = limit
    write = { labels, path throws(VideoError) in
      let pixels = labels.pixels.map { $0 > 0 && $0 <= limit.highest ? UInt8(truncatingIfNeeded: $0) : 0 }
      let picture = Image(width: labels.width, height: labels.height, pixels: pixels)
      try PNGFile.write(picture, palette: VOCPalette.colours, to: path)
    }
  }

  /// Pictures of 16 bits, `mots/000001.png` for the first frame. A pixel is class · 1000 + instance; since the class says
  /// nothing here, numbers over 999 run on into the following classes, so that a pixel is always 2000 + number. 10000 has
  /// a meaning of its own in MOTS: the highest number is 7999.
  init(mots shape: FormShape) throws(VideoError) {
    (folder, first, digits, earlier) = (shape.layout.mots, 1, 6, shape.earlier)
    try shape.makeNumberedFolder(folder)
    let limit = NumberLimit(9999 - 1000 * Self.motsClass)
    self.limit = limit
    write = { labels, path throws(VideoError) in
      let offset = Int32(1000 * Self.motsClass)
      let pixels = labels.pixels.map { $0 > 0 && $0 <= limit.highest ? UInt16(truncatingIfNeeded: offset + $0) : 0 }
      try PNGFile.write(Image(width: labels.width, height: labels.height, pixels: pixels), to: path)
    }
  }

  var leftOut: Int { limit.leftOut }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    limit.note(frame.objects)
    try write(frame.labels, OutputLayout.picture(frame.index + first, in: folder, digits: digits))
  }

  func carry(_ archive: inout StateArchive) throws { try limit.carry(&archive) }

  func settle() throws(VideoError) { try earlier?.settle(folder, first: first) }

  func close(_ status: Manifest.Status) throws(VideoError) {}
}

/// The colours that PASCAL VOC gave to labels, and DAVIS took over.
package enum VOCPalette {
  /// Colour of each of 256 labels: its bits are dealt out to red, green and blue in turn, the lowest to the highest bits
  /// (`VOCcolormap` of the VOC development kit).
  package static let colours = (0..<256).map { label in
    var (red, green, blue) = (0, 0, 0)
    for bit in 0..<8 {
      let place = 7 - bit
      red |= (label >> (3 * bit) & 1) << place
      green |= (label >> (3 * bit + 1) & 1) << place
      blue |= (label >> (3 * bit + 2) & 1) << place
    }
    return RGB(red: UInt8(red), green: UInt8(green), blue: UInt8(blue))
  }
}
