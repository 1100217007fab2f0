/// The object-centred RNN-EM tracker: finds and follows the moving objects of a fixed camera's foreground.
///
/// Each slot k holds θ_k: position, velocity, a soft template m_k, a colour histogram and the recurrent state of the
/// `ShapePredictor`. A frame is predicted before it arrives, ψ_k = σ(logit m_k + r(h_k)) moved by the velocity, and
/// one step of generalised EM follows: responsibilities, pose, responsibilities, appearance. Births, splits, merges and
/// deaths come from structure (components of the foreground), which breaks the symmetry between slots. Without a
/// predictor r = 0 and the model is the parametric EM.
///
/// An object gets its id, from 1 and never used again, after `TrackerConfiguration.confirmationFrames` frames in sight;
/// until then it is a candidate, whose cells have a number below 0. The same frames, configuration and weights give the same answers.
public final class ObjectTracker {
  var core: TrackerCore

  /// Gets a `SlotTransition` for each slot and frame, one frame later: training material for a predictor.
  package var recorder: ((SlotTransition) -> Void)? {
    didSet {
      let side = core.network?.side ?? 24
      core.recorder = recorder.map { TransitionRecorder(side: side, slots: core.slots.count, emit: $0) }
    }
  }

  /// A tracker without objects.
  ///
  /// - Parameters:
  ///   - configuration: a validated configuration.
  ///   - width: columns of the grid.
  ///   - height: rows of the grid.
  ///   - predictor: the recurrent network, or nil for the parametric model.
  ///   - seed: reserved for randomised decisions; the present algorithm makes none.
  ///   - firstId: the id of the first object.
  public init(
    configuration: TrackerConfiguration, width: Int, height: Int, predictor: (any ShapePredictor)?, seed: UInt64,
    firstId: Int32 = 1
  ) {
    core = TrackerCore(configuration: configuration, width: width, height: height, predictor: predictor)
    core.nextId = firstId
  }

  /// The id that the next object gets.
  public var nextId: Int32 { core.nextId }

  /// Explains the next frame, which has the size given at creation.
  public func step(_ frame: GridFrame) -> GridSegmentation {
    precondition(frame.width == core.width && frame.height == core.height, "grid size")
    return core.step(frame)
  }
}
