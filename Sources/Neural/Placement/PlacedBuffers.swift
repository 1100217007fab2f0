import Kernels

/// Floats of one row's values in a `PlacedNetwork`.
struct PlacedCounts {
  let input: Int
  let output: Int
  let state: Int
  let cellState: Int
  let theta: Int
  let joined: Int
  let geometry: PlacementGeometry
}

/// What each step saw and made; beliefs also before the first.
struct PlacedTape {
  var inputs: FloatBuffer
  var firstState: FloatBuffer
  var firstCell: FloatBuffer
  var lastState: FloatBuffer
  var beliefs: FloatBuffer
  var views: FloatBuffer
  var viewStrips: FloatBuffer
  var joined: FloatBuffer
  var windows: FloatBuffer
  var windowStrips: FloatBuffer
  var outputs: FloatBuffer

  init(_ counts: PlacedCounts, samples: Int) {
    let geometry = counts.geometry
    inputs = FloatBuffer(count: samples * counts.input)
    firstState = FloatBuffer(count: samples * counts.state)
    firstCell = FloatBuffer(count: samples * counts.cellState)
    lastState = FloatBuffer(count: samples * counts.state)
    // One step more; a later unroll of equal size may have fewer steps and more rows.
    beliefs = FloatBuffer(count: 2 * samples * geometry.beliefCount)
    views = FloatBuffer(count: samples * geometry.viewCount)
    viewStrips = FloatBuffer(count: samples * geometry.viewStripCount)
    joined = FloatBuffer(count: samples * counts.joined)
    windows = FloatBuffer(count: samples * geometry.windowCount)
    windowStrips = FloatBuffer(count: samples * geometry.windowStripCount)
    outputs = FloatBuffer(count: samples * counts.output)
  }
}

/// dL/d of one step's values.
struct PlacedSlopes {
  var outputs: FloatBuffer
  var strips: FloatBuffer
  var windows: FloatBuffer
  var theta: FloatBuffer
  var joined: FloatBuffer
  var views: FloatBuffer
  var inputs: FloatBuffer
  var cell: FloatBuffer
  var belief: FloatBuffer
  var beliefBefore: FloatBuffer

  init(_ counts: PlacedCounts, samples: Int) {
    let geometry = counts.geometry
    outputs = FloatBuffer(count: samples * counts.output)
    strips = FloatBuffer(count: samples * geometry.viewStripCount)
    windows = FloatBuffer(count: samples * geometry.windowCount)
    theta = FloatBuffer(count: samples * counts.theta)
    joined = FloatBuffer(count: samples * counts.joined)
    views = FloatBuffer(count: samples * geometry.viewCount)
    inputs = FloatBuffer(count: samples * counts.input)
    cell = FloatBuffer(count: samples * counts.cellState)
    belief = FloatBuffer(count: samples * geometry.beliefCount)
    beliefBefore = FloatBuffer(count: samples * geometry.beliefCount)
  }
}
