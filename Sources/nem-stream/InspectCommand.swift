import ArgumentParser
import Daemon
import Events
import Foundation
import Masks
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
        nem-stream inspect /var/lib/nem-stream/garden/2026-03-01 --report day.csv
        nem-stream inspect mine.safetensors
        nem-stream inspect default
      """)

  @Argument(help: "Output of a run, a service or a day of it; model file or name.") var subject: String
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
    for file in files { try OutputFile.check(file, overwrite: overwrite) }
    if Manifest.read(in: subject) == nil {
      let segments = OutputSegment.list(of: subject)
      if !segments.isEmpty { return try describe(segments) }
    }
    let output = try OutputSummary(folder: subject)
    if let report { try write(output.tracks.map { ($0, nil) }, to: report) }
    let pictures = InspectPictures(folder: subject, manifest: output.manifest)
    if let sheet { try PNGFile.write(try pictures.sheet(), to: sheet) }
    if let timeline { try PNGFile.write(pictures.timeline(output.tracks, span: try output.span()), to: timeline) }
    print(output.lines(objects: objects).joined(separator: "\n"))
  }

  /// Describes a long run's folders as one.
  private func describe(_ segments: [OutputSegment]) throws {
    if sheet ?? timeline != nil {
      throw CommandFault(
        description: "\(subject) holds \(segments.count) folders of output; pictures are of one, as "
          + segments[segments.count - 1].path, exitCode: 64)
    }
    let summary = SegmentsSummary(folder: subject, segments)
    let isDated = !summary.isOfFile
    if let report {
      try write(summary.objects.map { ($0.track, isDated ? $0.appeared : nil) }, to: report, isDated: isDated)
    }
    print(summary.lines(objects: objects).joined(separator: "\n"))
  }

  /// What is to be written.
  private var files: [String] { [report, sheet, timeline].compactMap { $0 } }

  private func write(_ rows: [(track: TrackRecord, appeared: Date?)], to path: String, isDated: Bool = false) throws {
    guard let form = EventReport.Form(path: path) else { return }
    let report = try EventReport(path: path, form: form, isDated: isDated)
    for row in rows { try report.add(row.track, appeared: row.appeared) }
  }
}
