import Daemon
import Foundation
import Masks
import VideoIO

/// What a run would read and write, without writing anything.
enum DryRun {
  /// Prints it for each input. Throws what opening an input or loading the model throws, and where no output can be made.
  static func report(_ plan: RunPlan) throws {
    for run in plan.runs {
      let settings = run.settings
      print("read    \(run.address)\(try source(run))")
      let name = settings.segmenter == .rnnEM ? settings.model : "none"
      print("model   \(name)" + (name == "none" ? "" : " (\(try ModelLocator.path(name)))"))
      if let masks = settings.masks {
        let forms = settings.format.map(\.rawValue).joined(separator: ", ")
        print(
          masks == Settings.standardOutput
            ? "write   lines to standard output" : "write   \(masks)/ as \(forms)\(state(of: masks, settings))")
      }
      if let exec = settings.exec { print("start   \(exec)") }
      for (name, path, _) in settings.outputs where name != "masks" {
        print("write   \(path)\(state(of: path, settings))")
      }
      for folder in settings.madeFolders { try OutputFile.checkFolder(folder) }
      for file in settings.outputs where !file.isFolder {
        try OutputFile.checkFolder(of: file.path, made: settings.madeFolders)
      }
    }
  }

  /// What a file holds; other sources are left alone.
  private static func source(_ run: PlannedRun) throws -> String {
    guard !run.address.isRemote, run.address.path != nil || run.address.isPictures else { return " (not opened)" }
    let info = try VideoReader(run.address, options: try run.settings.readerOptions()).info
    let rate = info.frameRate.map { String(format: ", %.5g fps", $0.value) } ?? ""
    let frames = info.expectedFrames.map { ", \($0) frames" } ?? ""
    return ": \(info.container), \(info.codec), \(info.width)×\(info.height)\(rate)\(frames)"
  }

  private static func state(of path: String, _ settings: Settings) -> String {
    let taken = [path + "/manifest.json", path].contains { file in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) && !isFolder.boolValue
    }
    if !taken { return "" }
    if settings.resume && FileManager.default.fileExists(atPath: OutputLayout.state(in: path)) {
      return " (goes on from its saved state)"
    }
    return settings.overwrite ? " (replaces what is there)" : " (exists: --overwrite would replace it)"
  }
}
