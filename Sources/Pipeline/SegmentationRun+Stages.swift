import Background
import Kernels
import VideoIO

/// What the stages do, each on its thread.
extension SegmentationRun {
  func decode(into queue: BoundedQueue<VideoFrame>) throws {
    defer { queue.finish() }
    if let first, !queue.push(first) { return }
    while let frame = try observer.time(.decode, reader.next), queue.push(frame) {}
  }

  func observe(
    _ input: BoundedQueue<VideoFrame>, _ feedback: BoundedQueue<StandingObjects?>,
    into output: BoundedQueue<Passage<EvidentFrame>>
  ) throws {
    defer {
      input.cancel()
      feedback.cancel()
      output.finish()
    }
    var progress = resumed?.background
    var nextScene = input.pop()
    while let first = nextScene {
      nextScene = nil
      func next() -> VideoFrame? {
        guard nextScene == nil, let frame = input.pop() else { return nil }
        if frame.scene == first.scene { return frame }
        nextScene = frame
        return nil
      }
      var held = [first]
      if progress?.scene != first.scene {
        // Its memory is made ready while the first frames are decoded.
        let stage = try BackgroundStage(
          first, background, watched: watched, inFlight: Self.masksInFlight(segmenter))
        let isKnown = progress == nil && !ground.isEmpty
        if !isKnown {
          let seconds = reader.info.isLive ? Self.livePrimingSeconds : .infinity
          held = BackgroundStage.firstFrames(first, background, seconds: seconds, next: next)
        }
        // Begun from fewer frames than there are, the run could not be continued.
        if checkpoints != nil && reader.interrupt.isSet { break }
        stage.prime(isKnown ? ground : held)
        ground = []
        progress = BackgroundProgress(stage: stage, age: 0, scene: first.scene, frames: first.index)
        held.reverse()
      }
      while let frame = held.popLast() ?? next(), let standing = feedback.pop() {
        // What stood before the scene changed is of no concern.
        let known = progress!.age < Self.feedbackLag ? nil : standing
        let evident = observer.time(.background) { progress!.stage.observe(frame, standing: known) }
        if !output.push(.frame(evident)) { return }
        progress!.age += 1
        progress!.frames = frame.index + 1
        if checkpoints?.take() == true, !output.push(.checkpoint(Self.state(progress))) { return }
      }
    }
    if checkpoints != nil && reader.interrupt.isSet { _ = output.push(.checkpoint(Self.state(progress))) }
  }

  /// A state with the background's part.
  private static func state(_ progress: BackgroundProgress?) -> RunState {
    var state = RunState()
    guard var progress else { return state }
    state.frames = progress.frames
    state[.background] = written { archive throws(StateFault) in try progress.carry(&archive) }
    return state
  }

  /// The bytes of what `body` carries to an archive, which cannot fail.
  private static func written(_ body: (inout StateArchive) throws(StateFault) -> Void) -> [UInt8] {
    var archive = StateArchive()
    do throws(StateFault) { try body(&archive) } catch { preconditionFailure("a state was not written: \(error)") }
    return archive.bytes
  }

  func segment(
    _ input: BoundedQueue<Passage<EvidentFrame>>, into output: BoundedQueue<Passage<SegmentedPicture>>,
    _ feedback: BoundedQueue<StandingObjects?>, _ result: inout RunResult, _ progress: (RunProgress) -> Void
  ) {
    defer {
      input.cancel()
      feedback.cancel()
      output.finish()
    }
    func pass(_ picture: SegmentedPicture) -> Bool {
      result.frames += 1
      result.objects = max(result.objects, picture.segmented.objects.map(\.id).max() ?? 0)
      guard output.push(.frame(picture)) else { return false }
      progress(
        RunProgress(
          frames: result.frames, expected: reader.info.expectedFrames, objects: picture.segmented.objects.count))
      return true
    }
    var now = resumed?.segmentation
    while let item = input.pop() {
      switch item {
      case .checkpoint(let state):
        if !output.push(.checkpoint(Self.completed(state, now, result))) { return }
      case .frame(let evident):
        if now != nil, evident.frame.scene != now!.scene {
          while let picture = now!.stage.finish() {
            if !pass(picture) { return }
          }
          now!.stage.restart()
        }
        let picture = step(evident, &now, feedback, &result)
        if let picture, !pass(picture) { return }
      }
    }
    while let picture = now?.stage.finish() {
      if !pass(picture) { return }
    }
  }

  /// Segments a frame and tells the background what stands in it.
  private func step(
    _ evident: EvidentFrame, _ now: inout SegmentationProgress?, _ feedback: BoundedQueue<StandingObjects?>,
    _ result: inout RunResult
  ) -> SegmentedPicture? {
    var progress =
      now.take()
      ?? SegmentationProgress(
        stage: SegmentationStage(segmenter, evident.frame, inFlight: Self.picturesInFlight), scene: 0,
        feedback: Array(repeating: nil, count: Self.feedbackLag))
    progress.scene = evident.frame.scene
    let picture = observer.time(.segment) { progress.stage.segment(evident) }
    let standing = progress.stage.standing(after: Self.feedbackLag)
    progress.feedback.removeFirst()
    progress.feedback.append(standing)
    _ = feedback.push(standing)
    result.unassigned += progress.stage.lastUnassigned
    result.note(small: progress.stage.lastSmall)
    now = progress
    return picture
  }

  /// A state with the parts of this stage.
  private static func completed(_ state: RunState, _ now: SegmentationProgress?, _ result: RunResult) -> RunState {
    guard state.frames > 0, var now else { return RunState() }
    var (state, result) = (state, result)
    state.held = now.stage.held
    state[.segmentation] = written { archive throws(StateFault) in try now.carry(&archive) }
    state[.progress] = written { archive throws(StateFault) in try now.carryRest(&archive, frames: [], &result) }
    return state
  }

  func write(_ input: BoundedQueue<Passage<SegmentedPicture>>) throws {
    defer { input.cancel() }
    while let item = input.pop() {
      switch item {
      case .frame(let picture):
        try observer.time(.write) {
          for sink in sinks { try sink.write(picture.segmented, of: picture.frame) }
        }
      case .checkpoint(var state):
        var archive = StateArchive()
        for sink in sinks { sink.save(&archive) }
        state[.output] = archive.bytes
        checkpoints?.save(state)
      }
    }
  }
}
