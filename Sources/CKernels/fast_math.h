#ifndef NEM_STREAM_FAST_MATH_H
#define NEM_STREAM_FAST_MATH_H

#include <stdint.h>
#include <string.h>

#include "dispatch.h"

ALWAYS_INLINE float as_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

ALWAYS_INLINE uint32_t as_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// log x for normal x > 0: log m = 2 artanh((m − 1) / (m + 1)) with m in √½…√2; absolute error below 1e-5.
ALWAYS_INLINE float logarithm(float x) {
  const uint32_t bits = as_bits(x);
  const float mantissa = as_float((bits & 0x7FFFFF) | 0x3F800000);
  const int large = mantissa > 1.41421356f;
  const float m = large ? mantissa * 0.5f : mantissa;
  const float exponent = (float)((int)(bits >> 23) - 127 + large);
  const float s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
  return exponent * 0.69314718f + 2.0f * s * (1.0f + s2 * (0.33333334f + s2 * (0.2f + s2 * 0.14285715f)));
}

// exp x, relative error below 1e-5 for −80…80: adding 1.5 · 2²³ leaves the nearest whole number in the low bits.
ALWAYS_INLINE float exponential(float x) {
  const float low = x > -80.0f ? x : -80.0f, scaled = (low < 80.0f ? low : 80.0f) * 1.44269504f;
  const float shifted = scaled + 12582912.0f;
  const float t = (scaled - (shifted - 12582912.0f)) * 0.69314718f;
  const float series =
      1.0f + t * (1.0f + t * (0.5f + t * (0.16666667f + t * (0.041666668f + t * 0.008333334f))));
  return as_float((as_bits(shifted) + 127u) << 23) * series;
}

#endif
