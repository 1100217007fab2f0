import NEM
import Pipeline
import VideoIO

/// Reads videos as material for the shape predictor.
enum FootageReading {
  /// Adds what the tracker's slots see of a video to `clips`, as far as it decodes or until they are full.
  static func clips(of input: String, into clips: ShapeClips, seed: UInt64, threads: Int) throws -> ShapeClips {
    let reader = try Interruption.reading("nothing was trained") {
      try VideoReader(input, options: VideoReaderOptions(threads: threads, interrupt: Interruption.flag))
    }
    for note in reader.info.notes { Console.note("nem-stream: \(note)") }
    let recording = ShapeRecording(clips, seed: seed)
    var progress = ProgressLine(.line)
    var frames = 0
    try GridFootage.forEachFrame(of: reader) { frame in
      let objects = recording.add(frame)
      frames += 1
      progress.show(RunProgress(frames: frames, expected: reader.info.expectedFrames, objects: objects))
    }
    progress.finish()
    switch reader.outcome {
    case .interrupted: throw CommandFault.interrupted("nothing was trained")
    case .truncated(let reason), .lost(let reason):
      Console.error("\(reader.info.name) is truncated: \(reason); what decoded is used")
    case .complete, .reading: break
    }
    return recording.clips
  }
}
