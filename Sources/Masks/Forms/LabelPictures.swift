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
  private let write: (Image<Int32>, PixelRect, _ path: String) throws(VideoError) -> Void
  private var limit: NumberLimit

  /// Indexed pictures `Annotations/NAME/00000.png` in the colours of PASCAL VOC. An object's index is its number, up to
  /// 254: DAVIS takes 255 for pixels that do not count.
  init(davis shape: FormShape) throws(VideoError) {
    (folder, first, digits, earlier) = (shape.layout.annotations + "/" + shape.name, 0, 5, shape.earlier)
    try shape.makeNumberedFolder(folder)
    limit = NumberLimit(254)
    write = { labels, bounds, path throws(VideoError) in
      try PNGFile.write(labels, highest: 254, palette: VOCPalette.colours, bounds: bounds, to: path)
    }
  }

  /// Pictures of 16 bits, `mots/000001.png` for the first frame. A pixel is class · 1000 + instance; since the class says
  /// nothing here, numbers over 999 run on into the following classes, so that a pixel is always 2000 + number. 10000 has
  /// a meaning of its own in MOTS: the highest number is 7999.
  init(mots shape: FormShape) throws(VideoError) {
    (folder, first, digits, earlier) = (shape.layout.mots, 1, 6, shape.earlier)
    try shape.makeNumberedFolder(folder)
    let (offset, highest) = (Int32(1000 * Self.motsClass), Int32(9999 - 1000 * Self.motsClass))
    limit = NumberLimit(Int(highest))
    write = { labels, bounds, path throws(VideoError) in
      try PNGFile.write(labels, highest: highest, offset: offset, bounds: bounds, to: path)
    }
  }

  var leftOut: Int { limit.leftOut }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    limit.note(frame.objects)
    try write(frame.labels, frame.occupied, OutputLayout.picture(frame.index + first, in: folder, digits: digits))
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
