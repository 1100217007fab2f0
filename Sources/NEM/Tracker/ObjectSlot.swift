import CKernels

/// θ_k: what the tracker knows of one object.
///
/// The template lives in the object's own frame, cell (u, v) lying at (x + u, y + v) of the grid, so that it is never
/// resampled onto itself: ψ is rendered from it at a fraction of a cell, and evidence comes back the same way.
struct ObjectSlot {
  /// Whether the slot holds an object.
  var live = false
  /// Number of this occupant since the start of the stream, unconfirmed ones included.
  var serial = 0
  /// Public number, 0 until confirmed.
  var id: Int32 = 0

  /// Grid position of the template's first cell.
  var x: Float = 0
  var y: Float = 0
  /// Cells per frame.
  var velocityX: Float = 0
  var velocityY: Float = 0
  /// Where this frame's prediction put the template, before the search.
  var predictedX: Float = 0
  var predictedY: Float = 0

  /// Size of the template m, which is `columns · rows` values at the start of its buffer.
  var columns = 0
  var rows = 0
  var template: [Float]
  /// σ(logit m + residual), the template that is rendered.
  var predicted: [Float]

  /// Window of this frame on the grid: its first cell, and one column and row more than the template.
  var originX = 0
  var originY = 0
  var windowColumns = 0
  var windowRows = 0
  /// ψ and the posterior γ (over slots and background, before it is weighted by x) in the window.
  var psi: [Float]
  var gamma: [Float]

  /// Colour of the object, as `ColourModel` bins it, and its log-ratio to the scene.
  var histogram = [Float](repeating: 0, count: ColourModel.binCount)
  var colour = [Float](repeating: 0, count: ColourModel.binCount)

  /// Colour of the object while it was seen alone and whole, and the frames of that.
  var likeness = [Float](repeating: 0, count: ColourModel.binCount)
  var likenessFrames = 0
  /// Frames until it counts as settled after it met others or was hidden.
  var unsettled = 0
  /// Frames in a row in which it looked more like the object of another slot, and that slot.
  var doubts = 0
  var doubtedFor = -1

  /// Evidence counters, in frames.
  var age = 0
  var seen = 0
  var unseen = 0
  /// Frames unseen although nothing hides the object.
  var exposed = 0
  var alone = 0
  /// Where the object was born: only one that has moved counts as one of its own.
  var birthX: Float = 0
  var birthY: Float = 0
  /// Whether it has been half its size away from there.
  var arrived = false
  /// The object when it was last seen whole.
  var sight: FullSight?
  /// Whether a part of it is taken to be behind scenery.
  var veiled = false
  /// Frames for which it may still be seen on both sides of something.
  var spanning = 0
  var divided = 0
  /// Frames in which it and another slot were mixed in two components.
  var mixed = 0
  var locked = 0
  var lockedTo = -1
  /// Distance to the slot it is locked to when that began.
  var lockX: Float = 0
  var lockY: Float = 0

  /// Sum of ψ over the picture, and over the whole window.
  var mass: Float = 0
  var fullMass: Float = 0
  /// Share of ψ in the picture that was seen, and that other slots own.
  var visible: Float = 0
  var covered: Float = 0
  /// Mean posterior over the owned evidence.
  var confidence: Float = 0
  /// Cells owned in this frame.
  var ownedCells = 0
  /// A larger or older slot in the same component, or -1; `shares` says whether any other slot is there.
  var neighbour = -1
  var shares = false

  /// Buffers for templates up to the size of the grid.
  init(width: Int, height: Int) {
    let capacity = (width + 1) * (height + 1)
    template = [Float](repeating: 0, count: capacity)
    predicted = [Float](repeating: 0, count: capacity)
    psi = [Float](repeating: 0, count: capacity)
    gamma = [Float](repeating: 0, count: capacity)
  }

  var speed: Float { (velocityX * velocityX + velocityY * velocityY).squareRoot() }
  /// Whether its template cannot be read off the evidence: it touched another object, or was cut by scenery.
  var isObscured: Bool { shares || veiled }
  var centreX: Float { x + Float(columns - 1) / 2 }
  var centreY: Float { y + Float(rows - 1) / 2 }

  /// Takes the slot for a new object whose buffers still hold the last one's numbers.
  mutating func reset(serial: Int) {
    live = true
    self.serial = serial
    id = 0
    (velocityX, velocityY) = (0, 0)
    (age, seen, unseen, exposed, alone, divided, locked, lockedTo) = (0, 0, 0, 0, 0, 0, 0, -1)
    (visible, covered, confidence, arrived) = (1, 0, 1, false)
    (sight, spanning, veiled, mixed) = (nil, 0, false, 0)
    for b in histogram.indices { (histogram[b], likeness[b]) = (0, 0) }
    (likenessFrames, unsettled, doubts, doubtedFor) = (0, 0, 0, -1)
  }

  /// Prepares the template to be drawn.
  mutating func formPrediction() {
    for i in 0..<rows * columns { predicted[i] = template[i] }
  }

  /// Draws ψ into the window at the slot's position.
  mutating func render(floor: Float) {
    originX = fastFloor(x)
    originY = fastFloor(y)
    let (ax, ay) = (x - Float(originX), y - Float(originY))
    (windowColumns, windowRows) = (columns + 1, rows + 1)
    nem_draw(predicted, Int32(columns), Int32(rows), ax, ay, floor, &psi, nem_cpu_level())
  }

  /// The window's cells that lie on the grid, as ranges of window rows and columns.
  func clipped(width: Int, height: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let top = min(max(-originY, 0), windowRows)
    let bottom = max(min(windowRows, height - originY), top)
    let left = min(max(-originX, 0), windowColumns)
    let right = max(min(windowColumns, width - originX), left)
    return (top..<bottom, left..<right)
  }
}
