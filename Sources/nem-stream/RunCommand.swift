import ArgumentParser
import Daemon
import Foundation
import VideoIO

/// `nem-stream INPUT… --masks DIR`: segments videos.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Segment videos into masks of moving objects (the default command).",
    discussion: """
      Examples:
        nem-stream input.mp4 --masks out/
        nem-stream *.mp4 --masks 'out/{stem}' -ss 1:30 -t 20s
        ffmpeg -i a.ts -f yuv4mpegpipe - | nem-stream - --masks - | jq -c .frame
        nem-stream rtsp://user@camera/stream --masks out/ --retry-for 60s
      More options: nem-stream run --help-hidden, or the manual page nem-stream(1).
      """)

  @OptionGroup var options: SettingOptions
  @Flag(help: "Say what would be read and written; write nothing.") var dryRun = false
  @Flag(help: "Say what is in force and why; do nothing else.") var explain = false

  func run() throws {
    // Before all else: a service manager may stop us at any moment.
    Interruption.install()
    if explain { return try Console.printWhole(options.effective().listing) }
    let plan = try RunPlan(options)
    Console.log.configure(plan.runs[0].settings.logLevel, plan.runs[0].settings.logFormat)
    for setting in plan.withoutEffect { Console.note("\(setting)") }
    if dryRun { return try DryRun.report(plan) }
    guard plan.runs.count > 1 else { return try perform(plan.runs[0], isOneOfMany: false) }
    if plan.runs.allSatisfy(\.address.isPicture) {
      Console.note("each of \(plan.runs.count) pictures is a video of one frame; give their folder to have one of all")
    }
    if let source = plan.runs.dropLast().first(where: \.address.isRemote) {
      Console.note("inputs are read one after the other: what comes after \(source.address) waits for its end")
    }
    try performAll(plan.runs)
  }

  private func perform(_ run: PlannedRun, isOneOfMany: Bool) throws {
    let companions = RunCompanions(
      run.effective, source: run.address.description,
      reload: { [options] () throws(SettingFault) in try options.effective(run.own) })
    try companions.accompany {
      try VideoRun(
        address: run.address, settings: run.settings, companions: companions, isOneOfMany: isOneOfMany
      ).perform()
    }
  }

  /// One run after the other, whatever becomes of each. Throws a summary with the worst exit code unless all are
  /// complete.
  private func performAll(_ runs: [PlannedRun]) throws {
    var failed: [(name: String, code: Int32)] = []
    for run in runs {
      if Interruption.flag.isSet {
        failed.append((run.address.description, CommandFault.interruptedCode))
        continue
      }
      do {
        try perform(run, isOneOfMany: true)
      } catch let error as any FaultReport {
        Console.error("\(error)")
        failed.append((run.address.description, error.exitCode))
      } catch let error as CocoaError {
        Console.error(error.localizedDescription)
        failed.append((run.address.description, 74))
      }
    }
    let summary = "\(runs.count - failed.count) of \(runs.count) inputs are complete"
    guard let worst = failed.map(\.code).max() else { return Console.log.note(.info, "summary", summary) }
    let list = failed.map { "\($0.name) (\($0.code))" }.joined(separator: ", ")
    throw CommandFault(description: "\(summary); not: \(list)", exitCode: worst)
  }
}
