import Daemon
import Events
import Foundation
import Masks
import VideoIO

/// What a run would read and write, without writing anything.
enum DryRun {
  /// Prints it for each input. Throws what opening an input or loading the model throws, and where no output can be made.
  static func report(_ plan: RunPlan) throws {
    // What they name is the same for all inputs.
    try Surroundings(plan.runs[0].effective, hasCredentials: true).check()
    for run in plan.runs {
      let settings = run.settings
      print("read    \(run.address)\(try source(run))")
      let name = settings.segmenter == .rnnEM ? settings.model : "none"
      print("model   \(name)" + (name == "none" ? "" : " (\(try ModelLocator.path(name)))"))
      if let exec = settings.exec { print("start   \(exec)") }
      for output in settings.outputs { print("write   \(written(output, settings))") }
      for folder in settings.madeFolders { try OutputFile.checkFolder(folder) }
      for file in settings.outputs where !file.isFolder {
        try OutputFile.checkFolder(of: file.path, made: settings.madeFolders)
      }
    }
  }

  /// What a file holds; other sources are left alone.
  private static func source(_ run: PlannedRun) throws -> String {
    guard run.address.canBeReadAgain else { return " (not opened)" }
    var options = try run.settings.readerOptions()
    options.recorder = run.settings.clipRecorder(run.address)
    let reader = try VideoReader(run.address, options: options)
    let info = reader.info
    _ = try run.settings.watchedPixels(info, concealed: options.concealed)
    _ = try EventWatchers(run.settings, run.address, reader, overwrite: run.settings.overwrite)
    let rate = info.frameRate.map { String(format: ", %.5g fps", $0.value) } ?? ""
    let frames = info.expectedFrames.map { ", \($0) frames" } ?? ""
    return ": \(info.container), \(info.codec), \(info.width)×\(info.height)\(rate)\(frames)"
  }

  private static func written(_ output: (name: String, path: String, isFolder: Bool), _ settings: Settings) -> String {
    let path = output.path
    if path == Settings.standardOutput { return "lines to standard output" }
    if output.name == "clips" { return path + "/" + clips(in: path, settings) }
    guard output.name == "masks" else { return path + (output.isFolder ? "/" : "") + state(of: path, settings) }
    return "\(path)/ as \(settings.format.map(\.rawValue).joined(separator: ", "))\(state(of: path, settings))"
  }

  /// What becomes of earlier clips; a service and a run that is gone on with replace none.
  private static func clips(in folder: String, _ settings: Settings) -> String {
    let count = ClipFolder.clips(in: folder).count
    if count == 0 || settings.service || goesOn(settings) { return "" }
    return settings.overwrite ? " (replaces its \(count) clips)" : " (holds clips: --overwrite would replace them)"
  }

  private static func goesOn(_ settings: Settings) -> Bool {
    settings.resume && settings.masks.map { FileManager.default.fileExists(atPath: OutputLayout.state(in: $0)) } == true
  }

  private static func state(of path: String, _ settings: Settings) -> String {
    var isFolder: ObjCBool = false
    let isFile = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    if !isFile && (try? MaskDirectory.checkFree(path)) != nil { return "" }
    if goesOn(settings) { return " (goes on from its saved state)" }
    return settings.overwrite ? " (replaces what is there)" : " (exists: --overwrite would replace it)"
  }
}
