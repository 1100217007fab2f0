/// What a decoder's last layer means: how the belief moves, what speaks for each place, whether there is an object, and
/// its window. Rows hold [kernel x, kernel y, evidence x, evidence y, presence, window] as logits.
struct PlacementHead {
  private let axes: [(step: BeliefStep, kernel: Int, evidence: Int, belief: Int)]
  private let presence: Int
  private let windowCount: Int

  init(_ geometry: PlacementGeometry) {
    let (taps, places) = (geometry.taps, geometry.places)
    axes = [0, 1].map { axis in
      (
        BeliefStep(places: places[axis], taps: taps), axis * taps, 2 * taps + axis * places[0], axis * places[0]
      )
    }
    presence = 2 * taps + geometry.beliefCount
    windowCount = geometry.windowCount
  }

  /// From one row's logits and belief to its belief after the step and to its window, σ(presence) · σ(window).
  func forward(
    _ logits: UnsafePointer<Float>, before: UnsafePointer<Float>, after: UnsafeMutablePointer<Float>,
    window: UnsafeMutablePointer<Float>
  ) {
    for axis in axes {
      axis.step.forward(
        before: before + axis.belief, kernel: logits + axis.kernel, evidence: logits + axis.evidence,
        after: after + axis.belief)
    }
    let present = sigmoid(logits[presence])
    for index in 0..<windowCount { window[index] = present * sigmoid(logits[presence + 1 + index]) }
  }

  /// From the slopes along belief and window to those along logits and the belief before.
  func backward(
    _ logits: UnsafePointer<Float>, before: UnsafePointer<Float>, after: UnsafePointer<Float>,
    window: UnsafePointer<Float>, afterGradient: UnsafeMutablePointer<Float>, windowGradient: UnsafePointer<Float>,
    logitsGradient: UnsafeMutablePointer<Float>, beforeGradient: UnsafeMutablePointer<Float>
  ) {
    for axis in axes {
      axis.step.backward(
        before: before + axis.belief, kernel: logits + axis.kernel, after: after + axis.belief,
        afterGradient: afterGradient + axis.belief, kernelGradient: logitsGradient + axis.kernel,
        evidenceGradient: logitsGradient + axis.evidence, beforeGradient: beforeGradient + axis.belief)
    }
    let present = sigmoid(logits[presence])
    var along: Float = 0
    for index in 0..<windowCount {
      let (value, slope) = (window[index], windowGradient[index])
      along += slope * value
      // window = present · s, so that present · s (1 − s) = window (1 − window / present).
      logitsGradient[presence + 1 + index] = slope * value * (1 - value / max(present, .leastNormalMagnitude))
    }
    logitsGradient[presence] = along * (1 - present)
  }
}
