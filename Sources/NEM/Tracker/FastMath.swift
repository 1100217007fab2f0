/// exp(x) with a relative error below 1e-5 for x in −80…80, the same bits on every machine: the C library picks its
/// version by processor.
@inline(__always) func fastExp(_ x: Float) -> Float {
  let scaled = min(max(x, -80), 80) * 1.442_695_04
  let whole = scaled.rounded(.down)
  let f = scaled - whole
  // Taylor series of 2^f at 0.5, so that the error is spread over 0…1.
  let t = (f - 0.5) * 0.693_147_18
  let series = 1 + t * (1 + t * (0.5 + t * (0.166_666_67 + t * (0.041_666_668 + t * 0.008_333_334))))
  return Float(bitPattern: UInt32(truncatingIfNeeded: (Int32(whole) + 127) << 23)) * 1.414_213_56 * series
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

/// The logistic function.
@inline(__always) func fastSigmoid(_ x: Float) -> Float { 1 / (1 + fastExp(-x)) }
