import Background
import Evaluation
import Foundation
import Kernels
import Testing
import VideoIO

/// The six sequences with true masks that developers keep beside the project; they may not be copied into it.
private let foregroundData: URL = {
  let root = ProcessInfo.processInfo.environment["NEM_STREAM_DATA"].map { URL(fileURLWithPath: $0) }
  let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardized
  return (root ?? package.appendingPathComponent("../shared/data").standardized).appendingPathComponent("foreground")
}()

@Suite struct SharedSequencesTests {
  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: foregroundData.path),
      "needs the shared data: set NEM_STREAM_DATA to its folder"))
  func meanFMeasureIsFarAboveMOG2() throws {
    let names = ["cdnet_traffic", "sbi_CAVIAR2", "sbi_HallAndMonitor", "sbi_HighwayI", "ucsd_freeway", "ucsd_peds"]
    var sum = 0.0
    for name in names {
      let sequence = try ForegroundSequence(folder: foregroundData.appendingPathComponent(name).path)
      let first = try sequence.frames.prefix(60).map { try ImageFile.readGray($0.input) }
      let model = try BackgroundSubtractor(firstFrames: first)
      let score = try ForegroundBenchmark.score(sequence, readGray: ImageFile.readGray) { path in
        model.mask(of: try ImageFile.readGray(path))
      }
      #expect(score.fMeasure > 0.5, "\(name): \(score.precision) \(score.recall) \(score.fMeasure)")
      sum += score.fMeasure / Double(names.count)
    }
    // OpenCV's MOG2 reaches 0.443 here, GSOC 0.578 and SuBSENSE 0.652.
    #expect(sum > 0.78)
  }
}
