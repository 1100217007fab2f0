import Kernels
import VideoIO

extension MaskDirectory {
  /// A form in which masks are stored.
  public enum Format: String, Sendable, CaseIterable {
    /// One lossless video per object.
    case ffv1
    /// One gray picture per object and frame.
    case png
    /// One picture of indexed colours per frame, as in DAVIS.
    case davis
    /// One picture of 16 bits per frame: class · 1000 + instance, as in MOTS.
    case mots
    /// Lines of run lengths, as in MOTSChallenge.
    case motsText = "mots-txt"
    /// Lines of boxes, as in MOTChallenge.
    case motText = "mot-txt"
    /// One JSON file with run lengths, as in COCO.
    case coco
    /// Lines of outlines per frame, as for YOLO.
    case yolo = "yolo-seg"
    /// One lossless video of object numbers.
    case labels
    /// The objects' colours with their masks as opacity.
    case cutouts
    /// No masks, only the records.
    case none
  }
}

/// What all forms of a run share.
struct FormShape {
  let layout: OutputLayout
  /// The source's size in pixels.
  let width: Int
  let height: Int
  /// The unit of the frames' time stamps in seconds.
  let timeBase: Rational
  /// Frames per second, if constant.
  let frameRate: Rational?
  /// The input's name without folder and extension, of characters that any file system takes.
  let name: String
  /// Whether the parts of a form stay that is put together at the end, for a run that is stopped and gone on with.
  var keepsParts = false
  /// What an earlier run has written that is gone on with; nil where all is new.
  var earlier: EarlierFrames?

  init(_ layout: OutputLayout, _ manifest: Manifest, _ timeBase: Rational, _ frameRate: Rational?) {
    (self.layout, self.timeBase, self.frameRate) = (layout, timeBase, frameRate)
    (width, height, name) = (manifest.width, manifest.height, OutputLayout.stem(of: manifest.input))
  }

  /// Makes a folder for files that are named by their frames; one that is gone on with may have such files.
  func makeNumberedFolder(_ path: String) throws(VideoError) {
    try earlier == nil ? OutputLayout.makeNumberedFolder(path) : OutputLayout.makeFolder(path)
  }
}

/// How far an earlier run had come when its state was saved.
struct EarlierFrames {
  /// The number of the first frame that is written anew.
  let next: Int
  /// The objects that it had written.
  let objects: Set<Int>

  /// Takes later files of single frames out of a folder; `first` is the number of frame 0.
  func settle(_ folder: String, first: Int = 0) throws(VideoError) {
    try OutputLayout.removeNumbered(folder, from: next + first)
    try OutputLayout.makeFolder(folder)
  }
}

/// Output that a later run can go on with, to the bytes that one run would have written.
protocol Continuable: AnyObject {
  /// Carries what is needed to go on after the frames so far. Nothing on the disk changes when it is read. Throws
  /// `StateFault` or `damaged` where the disk does not hold what was written then.
  func carry(_ archive: inout StateArchive) throws
  /// Takes back what was written after the saved state.
  func settle() throws(VideoError)
}

/// One form of the masks of a run.
protocol MaskForm: MaskSink, Continuable {
  /// Objects whose numbers are too high for this form, and whose masks are missing in it.
  var leftOut: Int { get }
}

extension MaskForm {
  var leftOut: Int { 0 }
}

extension MaskDirectory.Format {
  /// Begins this form in a folder that exists; nil where there is nothing to write.
  func open(_ shape: FormShape) throws(VideoError) -> (any MaskForm)? {
    switch self {
    case .ffv1:
      try ObjectStreams(shape, suffix: ".mkv") { stem, title, shape throws(VideoError) in
        try VideoMaskStream(stem, shape, title)
      }
    case .png:
      try ObjectStreams(shape, suffix: "") { stem, _, shape throws(VideoError) in try PictureMaskStream(stem, shape) }
    case .davis: try LabelPictures(davis: shape)
    case .mots: try LabelPictures(mots: shape)
    case .motsText: try TrackingLines(masks: shape)
    case .motText: try TrackingLines(boxes: shape)
    case .coco: try COCOFile(shape)
    case .yolo: try YOLOFiles(shape)
    case .cutouts: try Cutouts(shape)
    case .labels: try LabelVideo(shape)
    case .none: nil
    }
  }

  /// The background subtractor's masks in this form; nil for forms of numbered objects, which have no place for them.
  func openForeground(_ shape: FormShape) throws(VideoError) -> (any MaskStream)? {
    switch self {
    case .ffv1:
      try OutputLayout.makeFolder(shape.layout.baseline)
      return try VideoMaskStream(shape.layout.foreground, shape, "foreground")
    case .png: return try PictureMaskStream(shape.layout.foreground, shape)
    default: return nil
    }
  }
}
