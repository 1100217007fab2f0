/// exp(x) with a relative error below 1e-5 for x in −80…80, the same bits on every machine: the C library picks its
/// version by processor.
@inline(__always) func fastExp(_ x: Float) -> Float {
  let scaled = min(max(x, -80), 80) * 1.442_695_04
  // Adding 1.5 · 2²³ leaves the nearest whole number n in the low bits; 2^(scaled − n) by its Taylor series.
  let shifted = scaled + 12_582_912
  let t = (scaled - (shifted - 12_582_912)) * 0.693_147_18
  let series = 1 + t * (1 + t * (0.5 + t * (0.166_666_67 + t * (0.041_666_668 + t * 0.008_333_334))))
  return Float(bitPattern: (shifted.bitPattern &+ 127) &<< 23) * series
}

/// The largest whole number that is not above x, without a call into the C library.
@inline(__always) func fastFloor(_ x: Float) -> Int {
  let whole = Int(x)
  return x < Float(whole) ? whole - 1 : whole
}

/// log(x) for normal x > 0 with an absolute error below 1e-5.
@inline(__always) func fastLog(_ x: Float) -> Float {
  let bits = x.bitPattern
  var exponent = Int32(truncatingIfNeeded: bits >> 23) - 127
  var mantissa = Float(bitPattern: (bits & 0x7F_FFFF) | 0x3F80_0000)
  if mantissa > 1.414_213_56 {
    mantissa *= 0.5
    exponent += 1
  }
  // log m = 2 artanh((m − 1) / (m + 1))
  let s = (mantissa - 1) / (mantissa + 1)
  let s2 = s * s
  return Float(exponent) * 0.693_147_18 + 2 * s * (1 + s2 * (0.333_333_34 + s2 * (0.2 + s2 * 0.142_857_15)))
}
