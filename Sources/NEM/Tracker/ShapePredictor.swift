/// The recurrent part of the tracker: it sees what each object's prediction missed and says how its silhouette goes on.
///
/// All slots share the weights; a slot's only memory is its row of `states`, zero at birth.
public protocol ShapePredictor: AnyObject {
  /// Side of the square canonical window, in samples.
  var window: Int { get }
  /// Numbers of recurrent state per slot.
  var stateSize: Int { get }

  /// Advances `n` slots by one frame.
  ///
  /// - Parameters:
  ///   - inputs: `[n, window, window, 3]`: the part γ⊙(x−ψ) of the frame that the prediction missed, the template m
  ///     after its update, and the foreground x.
  ///   - states: `[n, stateSize]`, read and replaced.
  ///   - residuals: `[n, window, window]`, written: added to the logits of ψ of the next frame.
  func step(
    slots n: Int, inputs: UnsafePointer<Float>, states: UnsafeMutablePointer<Float>,
    residuals: UnsafeMutablePointer<Float>)
}

/// One step of one slot, as training material for a `ShapePredictor`.
package struct SlotTransition: Sendable {
  /// Number of the slot's occupant since the start of the stream: rows of one serial and successive frames are one
  /// sequence.
  package var serial: Int
  /// Index of the frame the inputs were taken from.
  package var frame: Int
  /// `[window, window, 3]`, as `ShapePredictor.step` gets them.
  package var inputs: [Float]
  /// `[window, window]`: logits of the template, to which a residual would be added.
  package var base: [Float]
  /// `[window, window]`: evidence of the next frame owned by the slot, in the same window at its predicted place.
  package var target: [Float]
  /// `[window, window]`: 1 where the target counts, 0 where another slot hides it or the picture ends.
  package var weight: [Float]
  /// The target in the window moved to where the object was found instead of where it was predicted.
  package var alignedTarget: [Float]
  /// The weight that goes with `alignedTarget`.
  package var alignedWeight: [Float]

  /// A transition whose planes are still to be filled.
  package init(serial: Int, frame: Int) {
    (self.serial, self.frame) = (serial, frame)
    (inputs, base, target, weight, alignedTarget, alignedWeight) = ([], [], [], [], [], [])
  }
}
