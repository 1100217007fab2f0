import Foundation
import VideoIO

/// All masks of a file of run lengths, as text.
struct RunLengthFile {
  /// One mask: the object's number, and compressed runs.
  struct Mask {
    let id: Int
    let counts: String
  }

  /// What messages call the file.
  let path: String
  /// The masks of each frame that has any.
  private(set) var masks: [Int: [Mask]] = [:]

  private struct Picture: Decodable { let id, frame: Int }

  private struct Annotation: Decodable {
    struct Runs: Decodable { let counts: String }
    let picture, track: Int
    let segmentation: Runs
    var mask: Mask { Mask(id: track, counts: segmentation.counts) }

    enum CodingKeys: String, CodingKey {
      case segmentation
      case picture = "image_id"
      case track = "track_id"
    }
  }

  private struct Images: Decodable {
    let images: [Picture]
    let annotations: [Annotation]
  }

  private struct Line: Decodable {
    let image: Picture
    let annotations: [Annotation]
  }

  /// Reads our `coco.json`. Throws `notFound` or `damaged`.
  init(coco path: String) throws(VideoError) {
    self.path = path
    let bytes = try Self.content(path)
    guard let content = try? JSONDecoder().decode(Images.self, from: bytes) else {
      throw .damaged(path, reason: "it is no list of COCO's images and annotations with track_id")
    }
    let frames = Dictionary(content.images.map { ($0.id, $0.frame) }) { first, _ in first }
    for item in content.annotations {
      guard let frame = frames[item.picture] else {
        throw .damaged(path, reason: "an annotation is of image \(item.picture), which is not there")
      }
      masks[frame, default: []].append(item.mask)
    }
  }

  /// Reads our `coco.jsonl`, which stands in its place before the end. Throws `notFound` or `damaged`.
  init(cocoLines path: String) throws(VideoError) {
    self.path = path
    for (index, line) in try Self.lines(path).enumerated() {
      guard let content = try? JSONDecoder().decode(Line.self, from: Data(line)) else {
        throw .damaged(path, reason: "line \(index + 1) is not an image with its annotations")
      }
      masks[content.image.frame] = content.annotations.map(\.mask)
    }
  }

  /// Reads our `mots.txt`. Throws `notFound` or `damaged`.
  init(mots path: String) throws(VideoError) {
    self.path = path
    for (index, line) in try Self.lines(path).enumerated() {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard words.count == 6, let frame = Int(words[0]), let number = Int(words[1]), let kind = Int(words[2]),
        1...(1 << 48) ~= frame, 0...(1 << 48) ~= number, 0...(1 << 32) ~= kind
      else {
        throw .damaged(path, reason: "line \(index + 1) is not FRAME ID CLASS HEIGHT WIDTH RUNS")
      }
      masks[frame - 1, default: []].append(Mask(id: number - 1000 * kind, counts: String(words[5])))
    }
  }

  /// The lines of a file; a last one without its end was torn and is left out.
  private static func lines(_ path: String) throws(VideoError) -> [Data] {
    let (content, newline) = (try content(path), UInt8(ascii: "\n"))
    return content[..<(content.lastIndex(of: newline) ?? content.startIndex)].split(separator: newline)
  }

  private static func content(_ path: String) throws(VideoError) -> Data {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
      throw .notFound(path)
    }
    return data
  }
}
