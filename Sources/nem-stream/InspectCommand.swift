import ArgumentParser
import Daemon
import Events
import Foundation
import Masks
import NEM
import Neural
import VideoIO

/// `nem-stream inspect`: what a run has written, or what a model is.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Describe the output of a run, or a model.",
    usage: "nem-stream inspect <subject> [<options>]",
    discussion: """
      Examples:
        nem-stream inspect out/
        nem-stream inspect out/ --sheet sheet.png --timeline time.png
        nem-stream inspect out/ --report events.csv
        nem-stream inspect mine.safetensors
        nem-stream inspect default
      """)

  @Argument(help: "Output folder of a run, model file, or name of a model.") var subject: String
  @Option(help: "Most objects that are listed, the longest seen first.") var objects = 20
  @Option(help: ArgumentHelp("Table of the objects to write: FILE.csv or FILE.json.", valueName: "file"))
  var report: String?
  @Option(help: ArgumentHelp("Picture of some frames with their masks to write.", valueName: "png"))
  var sheet: String?
  @Option(help: ArgumentHelp("Picture of the objects over time to write.", valueName: "png"))
  var timeline: String?
  @Flag(help: "Replace earlier files.") var overwrite = false

  func validate() throws {
    if let report, EventReport.Form(path: report) == nil {
      throw ValidationError("--report is \(report); its name must end in .csv or .json")
    }
    for (name, path) in [("--sheet", sheet), ("--timeline", timeline)] {
      try OutputFile.checkPicture(path, name)
    }
    if let sheet, sheet == timeline { throw ValidationError("--sheet and --timeline are both \(sheet)") }
  }

  func run() throws {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: subject, isDirectory: &isFolder)
    guard isThere && isFolder.boolValue else {
      guard files.isEmpty else {
        throw CommandFault(description: "\(subject) is no output of a run: it has no objects to show", exitCode: 64)
      }
      return print(try ModelSummary.lines(subject).joined(separator: "\n"))
    }
    if Manifest.read(in: subject) == nil, let newest = OutputSegment.list(in: subject).last?.path {
      throw CommandFault(
        description: "\(subject) holds folders of output, one for each stretch of time; inspect one, as \(newest)",
        exitCode: 66)
    }
    let output = try OutputSummary(folder: subject)
    for file in files { try OutputFile.check(file, overwrite: overwrite) }
    if let report { try write(output.tracks, to: report) }
    let pictures = InspectPictures(folder: subject, manifest: output.manifest)
    if let sheet { try PNGFile.write(try pictures.sheet(), to: sheet) }
    if let timeline { try PNGFile.write(pictures.timeline(output.tracks, span: try output.span()), to: timeline) }
    print(output.lines(objects: objects).joined(separator: "\n"))
  }

  /// What is to be written.
  private var files: [String] { [report, sheet, timeline].compactMap { $0 } }

  private func write(_ tracks: [TrackRecord], to path: String) throws {
    guard let form = EventReport.Form(path: path) else { return }
    let report = try EventReport(path: path, form: form)
    for track in tracks { try report.add(track) }
  }
}

/// What a folder of masks holds, in words.
struct OutputSummary {
  /// What the run says of itself.
  let manifest: Manifest
  /// The objects that have ended, in that order.
  let tracks: [TrackRecord]
  private let frames: Int
  private let folder: String

  /// Reads a folder. Throws `notFound` or `damaged` where it is no output of a run.
  init(folder: String) throws {
    self.folder = folder
    let reader = try MaskDirectoryReader(path: folder)
    frames = reader.frameCount
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/manifest.json"))
    manifest = try JSONDecoder().decode(Manifest.self, from: data)
    let path = folder + "/tracks.jsonl"
    guard let lines = FileManager.default.contents(atPath: path) else { throw VideoError.notFound(path) }
    do {
      tracks = try lines.split(separator: UInt8(ascii: "\n")).map {
        try JSONDecoder().decode(TrackRecord.self, from: $0)
      }
    } catch {
      throw VideoError.damaged(path, reason: "a line is no record of an object")
    }
  }

  /// The times of the first and the last frame in seconds.
  func span() throws -> ClosedRange<Double> {
    let lines = try Data(contentsOf: URL(fileURLWithPath: folder + "/frames.jsonl"), options: .alwaysMapped)
    func time(_ line: Data?) -> Double? { line.flatMap { try? JSONDecoder().decode(FrameRecord.self, from: $0).pts } }
    let newline = UInt8(ascii: "\n")
    let first = time(lines.split(separator: newline, maxSplits: 1).first.map { Data($0) }) ?? 0
    let whole = lines.lastIndex(of: newline).map { lines[..<$0] }
    let start = whole?.lastIndex(of: newline).map { $0 + 1 } ?? lines.startIndex
    let last = time(whole.map { Data($0[start...]) }) ?? first
    return min(first, last)...max(first, last)
  }

  /// The summary, with at most so many objects.
  func lines(objects: Int) -> [String] {
    let expected = manifest.frames.expected.map { " of \($0)" } ?? ""
    var lines = [
      "input    \(manifest.input), \(manifest.width)×\(manifest.height)",
      "status   \(manifest.status.rawValue), \(frames)\(expected) frames"
        + (manifest.frames.dropped > 0 ? ", \(manifest.frames.dropped) dropped" : ""),
      "model    " + (manifest.model.map { "\($0.name), SHA-256 \($0.sha256.prefix(12))…" } ?? "none"),
      "settings "
        + manifest.settings.sorted { $0.key < $1.key }.map { "\($0.key) \(Self.text($0.value))" }
        .joined(separator: ", "),
      "objects  \(tracks.count) ended" + (manifest.status == .running ? ", others may go on" : ""),
    ]
    if let missed = manifest.unassigned, missed > 0 { lines.append("         \(missed) times all slots were taken") }
    let listed = tracks.sorted { ($1.framesSeen, $0.id) < ($0.framesSeen, $1.id) }.prefix(max(0, objects))
    if !listed.isEmpty { lines.append("    id   first s    last s  frames     area  ended") }
    lines += listed.map { track in
      String(
        format: "%6d %9.2f %9.2f %7d %8.0f  ", track.id, track.firstPTS, track.lastPTS, track.framesSeen, track.meanArea
      )
        + track.ended.rawValue
    }
    if listed.count < tracks.count { lines.append("and \(tracks.count - listed.count) more in \(folder)/tracks.jsonl") }
    return lines
  }

  private static func text(_ setting: Manifest.Setting) -> String {
    switch setting {
    case .text(let text): text
    case .whole(let number): String(number)
    case .number(let number): String(format: "%g", number)
    case .flag(let flag): String(flag)
    }
  }
}

/// What a model file says of itself, in words.
enum ModelSummary {
  /// The summary of a file or an installed model.
  static func lines(_ name: String) throws -> [String] {
    let path = try ModelLocator.path(name)
    let model = try Model(path: path)
    let network = model.description.network
    let weights = model.network.parameters.values.count
    let layers =
      network.encoder.map { ("encode", $0) } + (network.placement?.encoder ?? []).map { ("window", $0) }
      + network.decoder.map { ("decode", $0) }
    var lines = [
      "model    \(path)", "SHA-256  \(try FileDigest.sha256(path))",
      "kind     \(model.description.kind.rawValue), \(model.description.observation), "
        + "trained with \(model.description.slots) slots",
      "weights  \(weights), \(network.multiplyAdds) multiply-adds a step",
      "input    " + network.input.map(String.init).joined(separator: "×")
        + (network.seesOthers == true ? ", and what other slots leave of it" : ""),
    ]
    if network.cell.kind != .none {
      lines.append(
        "cell     \(network.cell.kind.rawValue), θ of \(network.cell.outputs.map(String.init).joined(separator: "×"))")
    }
    lines += layers.map { role, layer in
      "\(role)   \(layer.kind.rawValue) → \(layer.outputs.map(String.init).joined(separator: "×")), "
        + "\(layer.activation.rawValue)"
    }
    lines += notes(on: network)
    lines.append("trained  \(model.description.command)")
    return lines
  }

  /// What is not as in the papers.
  private static func notes(on network: NetworkDescription) -> [String] {
    var notes: [String] = []
    if let side = network.placement?.side {
      notes.append("draws    a window of \(side)×\(side) pixels at a place that it carries")
    }
    if let side = network.memory?.side { notes.append("recalls  a window of \(side)×\(side) pixels at a place") }
    if network.gammaStart == .seeds { notes.append("start    around lit pixels of the first frame") }
    if let starts = network.starts { notes.append("begun    in \(starts) ways; the best counts") }
    if network.looksAtFrames.each > 1 { notes.append("looks    \(network.looksAtFrames.each) at each frame") }
    return notes
  }
}
