// Included once per instruction set, before loops that need it: TARGET(name) appends the set's suffix.

static inline float TARGET(exponential)(float x) {
  // Cephes expf: range reduction by ln 2 in two parts and a degree-5 polynomial; relative error below 2e-7.
  x = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
  float n = __builtin_rintf(x * 1.44269504088896341f);
  float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union {
    int i;
    float f;
  } scale = {((int)n + 127) << 23};
  return p * scale.f;
}

static inline float TARGET(logarithm)(float x) {
  // Cephes logf for normal x: x = m 2^e with √½ ≤ m < √2, and a polynomial in m − 1; relative error below 2e-7.
  union {
    float f;
    int i;
  } bits = {x};
  int shifted = bits.i - 0x3f3504f3;
  float e = (float)(shifted >> 23);
  bits.i = (shifted & 0x007fffff) + 0x3f3504f3;
  float r = bits.f - 1.0f, square = r * r;
  float p = 7.0376836292e-2f;
  p = p * r - 1.1514610310e-1f;
  p = p * r + 1.1676998740e-1f;
  p = p * r - 1.2420140846e-1f;
  p = p * r + 1.4249322787e-1f;
  p = p * r - 1.6668057665e-1f;
  p = p * r + 2.0000714765e-1f;
  p = p * r - 2.4999993993e-1f;
  p = p * r + 3.3333331174e-1f;
  return (r * square * p - 0.5f * square + e * -2.12194440e-4f) + r + e * 0.693359375f;
}
