import ArgumentParser
import Foundation
import Kernels
import Scenes
import VideoIO

/// A real sequence with its own copy in front: real silhouettes that really cross, with known ids.
struct GenerateComposite: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "composite", abstract: "Paste a sequence's moving objects in front of itself, mirrored or later.",
    usage: "nem-stream generate composite <sequence> --out <out> [<options>]",
    discussion: """
      SEQUENCE is a folder with a PNG of ids for each frame in Annotations/ or masks/, as DAVIS has them (255 and 65535: \
      unknown), or as tracklets (beside tracklets.json; 65535: unknown); its pictures are in JPEGImages/, input/, in/ \
      or a video. DIR gets video.mkv, Annotations/00000.png (16-bit gray), scene.json, and tracklets.json where the \
      sequence has one. The copy's ids are raised by the greatest id. Unknown pixels are not copied.
      Example: nem-stream generate composite DAVIS/schoolgirls --mirror --shift 12 --out crossing
      """)

  @Argument(help: "Folder of the sequence.") var sequence: String
  @Option(help: ArgumentHelp("Video or folder of the sequence's pictures.", valueName: "path")) var pictures: String?
  @Option(help: ArgumentHelp("Folder for the composite.", valueName: "dir")) var out: String
  @Flag(help: "Exchange left and right in the copy.") var mirror = false
  @Option(
    parsing: .unconditional,
    help: "Frames by which the copy comes later; negative: sooner (default: drawn, a tenth to a half of all).")
  var shift: Int?
  @Option(help: "Seed of the shift.") var seed: UInt64 = 1

  private struct Record: Encodable {
    var sequence: String
    var mirror: Bool
    var shift: Int
    var idOffset: Int
    var frames: Int
    var objects: Int
    var crossings: Int
    var occlusions: [SceneFacts.Occlusion]
  }

  func validate() throws {
    for (name, value) in [("SEQUENCE", sequence), ("--out", out), ("--pictures", pictures)] where value == "" {
      throw ValidationError("\(name) is empty; it must name a file or folder")
    }
    guard shift != 0 || mirror else {
      throw ValidationError("without --mirror and with --shift 0 the copy would lie on its original")
    }
  }

  func run() throws {
    let source = try KnownSequence(sequence, pictures: pictures)
    let shift = try chosenShift(source.count)
    let greatest = try source.greatestID()
    // 255 stands for unknown pixels in masks as DAVIS has them.
    let offset = greatest < 255 && 2 * greatest >= 255 ? 255 : greatest
    guard greatest > 0, Int(greatest) + Int(offset) < Int(ObjectLayers.unknown) else {
      throw CommandFault(
        description: "the masks of \(sequence) have no object, or ids above 32767: nothing can be copied", exitCode: 65)
    }
    var (back, front) = (try source.reader(), try source.reader())
    for _ in 0..<max(0, -shift) { _ = try front.next() }
    var folder: SceneFolder?
    var facts: [FrameFacts] = []
    while let behind = try back.next() {
      let opened = try folder ?? self.folder(behind, isFullRange: back.isFullRange, try source.frameRate())
      folder = opened
      let copy = facts.count >= shift ? try front.next() : nil
      let nothing = Image<UInt16>(width: behind.ids.width, height: behind.ids.height, fill: 0)
      let pasted = copy.map { mirror ? $0.mirrored : $0 } ?? LabelledPicture(planes: behind.planes, ids: nothing)
      let (picture, known) = behind.covered(by: pasted, raisingIDs: offset)
      try opened.write(picture.planes, truth: picture.ids)
      facts.append(known)
    }
    if source.isOfTracklets { try writeTracklets(facts) }
    try folder?.close(record(source, shift: shift, offset: offset, facts))
  }

  private func chosenShift(_ frames: Int) throws -> Int {
    var random = RandomSource(seed: seed)
    let shift = shift ?? max(1, frames / 10) + random.integer(below: max(1, frames * 2 / 5))
    guard shift.magnitude < frames else {
      throw CommandFault(description: "--shift is \(shift); the sequence has only \(frames) frames", exitCode: 64)
    }
    return shift
  }

  private func folder(_ first: LabelledPicture, isFullRange: Bool, _ rate: Rational) throws -> SceneFolder {
    try SceneFolder(
      out, width: first.ids.width, height: first.ids.height, isGray: first.planes.count == 1, isFullRange: isFullRange,
      frameRate: rate)
  }

  private func record(_ source: KnownSequence, shift: Int, offset: UInt16, _ frames: [FrameFacts]) -> Record {
    let facts = SceneFacts(frames)
    return Record(
      sequence: source.name, mirror: mirror, shift: shift, idOffset: Int(offset), frames: frames.count,
      objects: facts.objects, crossings: facts.crossings, occlusions: facts.occlusions)
  }

  /// First and last frame of each id, for those who score ids only from meeting to meeting.
  private func writeTracklets(_ frames: [FrameFacts]) throws {
    var spans: [String: [Int]] = [:]
    for (index, frame) in frames.enumerated() {
      for id in frame.visible { spans["\(id)"] = [spans["\(id)"]?[0] ?? index, index] }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let bytes = Array(try encoder.encode(["tracklets": spans])) + [UInt8(ascii: "\n")]
    try AtomicFile.write(bytes, to: out + "/tracklets.json")
  }
}
