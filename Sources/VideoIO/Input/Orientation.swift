import CFFmpeg

/// How stored rows and columns become the upright picture: perhaps transposed, then perhaps mirrored either way.
struct Orientation: Equatable {
  /// Output column `x` and row `y` come from stored row `x` and column `y`.
  var isTransposed = false
  /// The source of an output column, counted from the far end.
  var flipsColumns = false
  /// The source of an output row, counted from the far end.
  var flipsRows = false

  /// Whether frames are stored upright.
  var isIdentity: Bool { self == Orientation() }

  /// Clockwise degrees, where the orientation is a rotation; for a mirrored picture those of its transposition.
  var degrees: Int {
    switch (isTransposed, flipsColumns, flipsRows) {
    case (true, true, _): 90
    case (true, false, _): 270
    case (false, true, true): 180
    default: 0
    }
  }

  /// Stored upright.
  init() {}

  /// Reads a display matrix (ISO 14496-12 `tkhd`): stored (x, y) goes to (a·x + c·y, b·x + d·y) with a, b, c, d at
  /// indices 0, 1, 3, 4. Angles between the right ones are taken as the nearest.
  init(displayMatrix matrix: UnsafePointer<Int32>) {
    let (a, b, c, d) = (Int(matrix[0]), Int(matrix[1]), Int(matrix[3]), Int(matrix[4]))
    isTransposed = abs(b) + abs(c) > abs(a) + abs(d)
    flipsColumns = (isTransposed ? c : a) < 0
    flipsRows = (isTransposed ? b : d) < 0
  }

  /// The matrix that a frame carries, as pictures do whose camera was turned.
  init(frame: UnsafePointer<AVFrame>) {
    self.init()
    guard let side = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX), side.pointee.size >= 36 else { return }
    self = side.pointee.data.withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(displayMatrix: $0) }
  }

  /// The matrix that the first frame or its stream carries.
  init(frame: UnsafePointer<AVFrame>, stream: UnsafePointer<AVStream>) {
    self.init(frame: frame)
    if av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX) != nil { return }
    var size = 0
    guard let data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 else { return }
    self = data.withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(displayMatrix: $0) }
  }

  /// Copies one plane of `width × height` stored samples upright.
  func copy(
    from source: (start: UnsafeMutablePointer<UInt8>, stride: Int), width: Int, height: Int,
    to target: (start: UnsafeMutablePointer<UInt8>, stride: Int)
  ) {
    let (columns, rows) = isTransposed ? (height, width) : (width, height)
    // Steps through the stored plane for one output column and one output row.
    let (columnStep, rowStep) = isTransposed ? (source.stride, 1) : (1, source.stride)
    let first = (flipsColumns ? (columns - 1) * columnStep : 0) + (flipsRows ? (rows - 1) * rowStep : 0)
    let (dx, dy) = (flipsColumns ? -columnStep : columnStep, flipsRows ? -rowStep : rowStep)
    for y in 0..<rows {
      let output = target.start + y * target.stride
      var input = source.start + first + y * dy
      for x in 0..<columns {
        output[x] = input.pointee
        if x + 1 < columns { input += dx }
      }
    }
  }
}
