import CKernels

extension ObjectSlot {
  /// Predictions up to this are not counted as part of the object.
  private static let least: Float = 0.05

  /// First half of the E-step: the unnormalised posterior exp(log ψ + colour), its log smoothed over 3×3 cells, goes to
  /// `gamma` and is added to `total`.
  mutating func weigh(
    _ x: [Float], width: Int, height: Int, colours: ColourModel, _ configuration: TrackerConfiguration,
    logs: inout [Float], sums: inout [Float], total: inout [Float]
  ) {
    guard let window = window(width: width, height: height) else { return }
    colours.weigh(
      window, x, colour, weight: configuration.colourWeight, clip: configuration.colourClip, into: &logs)
    nem_weigh(window, psi, &logs, &sums, &gamma, configuration.smoothing, &total, nem_cpu_level())
  }

  /// Second half: divides by the sum over slots and background, and adds the owned evidence γx to `owned`.
  mutating func normalise(
    _ x: [Float], width: Int, height: Int, total: [Float], background: Float, owned: inout [Float]
  ) {
    var sums = nem_window_sums()
    let window = window(width: width, height: height)
    if let window {
      nem_normalise(window, psi, &gamma, x, total, &owned, background, Self.least, &sums, nem_cpu_level())
    }
    mass = sums.mass
    let isWhole = window.map { Int($0.rows) == windowRows && Int($0.columns) == windowColumns } ?? false
    fullMass = isWhole ? mass : psi[..<(windowRows * windowColumns)].reduce(0) { $1 > Self.least ? $0 + $1 : $0 }
    visible = mass > 0 ? sums.seen / mass : 0
    confidence = sums.evidence > 0 ? sums.squares / sums.evidence : 0
  }

  /// Share of the prediction that other slots own.
  mutating func measureCover(_ x: [Float], width: Int, height: Int, owned: [Float]) {
    var sum: Float = 0
    if let window = window(width: width, height: height) {
      nem_cover(window, psi, gamma, x, owned, Self.least, &sum, nem_cpu_level())
    }
    covered = mass > 0 ? sum / mass : 0
  }

  /// The window's cells that lie on the grid; nil if there are none.
  private func window(width: Int, height: Int) -> nem_window? {
    let (rows, columns) = clipped(width: width, height: height)
    guard !rows.isEmpty, !columns.isEmpty else { return nil }
    return nem_window(
      first: rows.lowerBound * windowColumns + columns.lowerBound, pitch: windowColumns,
      cell: (originY + rows.lowerBound) * width + originX + columns.lowerBound, width: width,
      rows: Int32(rows.count), columns: Int32(columns.count))
  }
}
