import Kernels

/// What is known of one object in one frame.
public struct ObjectRecord: Sendable, Equatable {
  /// The object's number: from 1, never used again.
  public var id: Int
  /// The smallest rectangle that holds its pixels, in source pixels; empty while it is hidden.
  public var bounds: PixelRect
  /// Number of pixels, 0 while it is hidden.
  public var area: Int
  /// Mean column of its pixels.
  public var centroidX: Double
  /// Mean row of its pixels.
  public var centroidY: Double
  /// How sure the segmenter is that this is an object, 0…1.
  public var confidence: Double

  /// An object's record from its measures.
  public init(id: Int, bounds: PixelRect, area: Int, centroidX: Double, centroidY: Double, confidence: Double) {
    self.id = id
    self.bounds = bounds
    self.area = area
    self.centroidX = centroidX
    self.centroidY = centroidY
    self.confidence = confidence
  }
}

extension ObjectRecord: Codable {
  private enum CodingKeys: String, CodingKey {
    case id, bbox, area, centroid, confidence
  }

  /// Reads an object of `frames.jsonl`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let box = try container.decode([Int].self, forKey: .bbox)
    let centroid = try container.decode([Double].self, forKey: .centroid)
    guard box.count == 4, centroid.count == 2 else {
      throw DecodingError.dataCorruptedError(
        forKey: .bbox, in: container, debugDescription: "bbox takes four numbers and centroid two")
    }
    self.init(
      id: try container.decode(Int.self, forKey: .id),
      bounds: PixelRect(x: box[0], y: box[1], width: box[2], height: box[3]),
      area: try container.decode(Int.self, forKey: .area), centroidX: centroid[0], centroidY: centroid[1],
      confidence: try container.decode(Double.self, forKey: .confidence))
  }

  /// Writes an object as in `frames.jsonl`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode([bounds.x, bounds.y, bounds.width, bounds.height], forKey: .bbox)
    try container.encode(area, forKey: .area)
    try container.encode([centroidX, centroidY], forKey: .centroid)
    try container.encode(confidence, forKey: .confidence)
  }

  func append(to line: inout JSONLine, more: (ObjectRecord, inout JSONLine) -> Void) {
    line.raw("{\"id\":")
    line.whole(id)
    line.raw(",\"bbox\":[")
    for (index, value) in [bounds.x, bounds.y, bounds.width, bounds.height].enumerated() {
      if index > 0 { line.raw(",") }
      line.whole(value)
    }
    line.raw("],\"area\":")
    line.whole(area)
    line.raw(",\"centroid\":[")
    line.number(centroidX, decimals: 2)
    line.raw(",")
    line.number(centroidY, decimals: 2)
    line.raw("],\"confidence\":")
    line.number(confidence, decimals: 4)
    more(self, &line)
    line.raw("}")
  }
}

/// One line of `frames.jsonl`.
public struct FrameRecord: Sendable, Equatable, Codable {
  /// Position of the frame in the stream, from 0.
  public var frame: Int
  /// Presentation time in seconds.
  public var pts: Double
  /// The name of the picture's file; nil for frames of a video.
  public var picture: String?
  /// The objects alive in the frame.
  public var objects: [ObjectRecord]

  /// A frame's record.
  public init(frame: Int, pts: Double, picture: String? = nil, objects: [ObjectRecord]) {
    (self.frame, self.pts, self.picture, self.objects) = (frame, pts, picture, objects)
  }

  /// Whether the frame and its areas can be counted: in a damaged file they may be any numbers.
  var isPlausible: Bool { 0...(1 << 48) ~= frame && objects.allSatisfy { 0...(1 << 32) ~= $0.area } }

  /// The record of a frame.
  package init(_ frame: SegmentedFrame) {
    self.init(frame: frame.index, pts: frame.pts, picture: frame.picture?.name, objects: frame.objects)
  }

  /// Appends the line; `more` adds fields to an object, each after a comma.
  func append(to line: inout JSONLine, more: (ObjectRecord, inout JSONLine) -> Void = { _, _ in }) {
    line.raw("{\"frame\":")
    line.whole(frame)
    line.raw(",\"pts\":")
    line.number(pts, decimals: 6)
    if let picture {
      line.raw(",\"picture\":")
      line.text(picture)
    }
    line.raw(",\"objects\":[")
    for (index, object) in objects.enumerated() {
      if index > 0 { line.raw(",") }
      object.append(to: &line, more: more)
    }
    line.raw("]}\n")
  }
}

/// Why an object's stream ended.
public enum EndReason: String, Sendable, Codable, CaseIterable {
  /// It left the picture.
  case left
  /// It was not found again.
  case lost
  /// It turned out to be part of another object, or the two cannot be told apart any more.
  case merged
  /// The next segment of the output goes on with it.
  case continues
  /// The picture changed so much while it was there that tracking began anew.
  case restart
  /// The input ended while it was there.
  case endOfStream = "end-of-stream"
}

/// One line of `tracks.jsonl`: an object whose stream has ended.
public struct TrackRecord: Sendable, Equatable, Codable {
  /// The object's number.
  public var id: Int
  /// The frame it was first reported in.
  public var firstFrame: Int
  /// The last frame it was seen in.
  public var lastFrame: Int
  /// Presentation time of the first frame in seconds.
  public var firstPTS: Double
  /// Presentation time of the last frame in seconds.
  public var lastPTS: Double
  /// Number of frames with at least one of its pixels.
  public var framesSeen: Int
  /// Mean number of pixels over the frames it was seen in.
  public var meanArea: Double
  /// Most pixels in one frame; nil in output of older versions, which did not tell.
  public var maxArea: Int?
  /// Pixels that its centroid moved, smoothed over some five frames; nil as above.
  public var pathLength: Double?
  /// Why it ended.
  public var ended: EndReason

  /// A record from its parts.
  package init(
    id: Int, firstFrame: Int, lastFrame: Int, firstPTS: Double, lastPTS: Double, framesSeen: Int, meanArea: Double,
    maxArea: Int?, pathLength: Double?, ended: EndReason
  ) {
    (self.id, self.firstFrame, self.lastFrame, self.firstPTS, self.lastPTS) =
      (id, firstFrame, lastFrame, firstPTS, lastPTS)
    (self.framesSeen, self.meanArea, self.maxArea, self.pathLength, self.ended) =
      (framesSeen, meanArea, maxArea, pathLength, ended)
  }

  private enum CodingKeys: String, CodingKey {
    case id, ended
    case firstFrame = "first_frame"
    case lastFrame = "last_frame"
    case firstPTS = "first_pts"
    case lastPTS = "last_pts"
    case framesSeen = "frames_seen"
    case meanArea = "mean_area"
    case maxArea = "max_area"
    case pathLength = "path_length"
  }

  /// A record to be read into.
  static let blank = TrackRecord(
    id: 0, firstFrame: 0, lastFrame: 0, firstPTS: 0, lastPTS: 0, framesSeen: 0, meanArea: 0, maxArea: 0, pathLength: 0,
    ended: .lost)

  /// Carries what is known before the end.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&id, in: 1...Int(Int32.max))
    try archive.carry(&firstFrame, in: 0...(1 << 48))
    try archive.carry(&lastFrame, in: 0...(1 << 48))
    try archive.carry(&firstPTS)
    try archive.carry(&lastPTS)
    try archive.carry(&framesSeen, in: 0...(1 << 48))
    try archive.carry(&meanArea, in: 0...1e18)
    var (most, way) = (maxArea ?? 0, pathLength ?? 0)
    try archive.carry(&most, in: 0...(1 << 48))
    try archive.carry(&way, in: 0...1e18)
    (maxArea, pathLength) = (most, way)
  }

  func append(to line: inout JSONLine) {
    line.raw("{\"id\":")
    line.whole(id)
    line.raw(",\"first_frame\":")
    line.whole(firstFrame)
    line.raw(",\"last_frame\":")
    line.whole(lastFrame)
    line.raw(",\"first_pts\":")
    line.number(firstPTS, decimals: 6)
    line.raw(",\"last_pts\":")
    line.number(lastPTS, decimals: 6)
    line.raw(",\"frames_seen\":")
    line.whole(framesSeen)
    line.raw(",\"mean_area\":")
    line.number(meanArea, decimals: 2)
    if let maxArea {
      line.raw(",\"max_area\":")
      line.whole(maxArea)
    }
    if let pathLength {
      line.raw(",\"path_length\":")
      line.number(pathLength, decimals: 2)
    }
    line.raw(",\"ended\":\"")
    line.raw(ended.rawValue)
    line.raw("\"}\n")
  }
}
