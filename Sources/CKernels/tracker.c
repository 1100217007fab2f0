#include "tracker.h"

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

ALWAYS_INLINE void weigh(const float *psi, float *restrict logs, float *restrict sums, float *restrict gamma,
                         size_t pitch, size_t rows, size_t columns, float share, float *restrict total,
                         size_t total_pitch) {
  for (size_t r = 0; r < rows; r++) {
    const float *prior = psi + r * pitch;
    float *line = logs + r * pitch, *sum = sums + r * pitch;
    for (size_t c = 0; c < columns; c++) line[c] += logarithm(prior[c]);
    if (columns == 1) {
      sum[0] = line[0];
      continue;
    }
    sum[0] = (line[0] + line[1]) * 0.5f;
    for (size_t c = 1; c + 1 < columns; c++) sum[c] = (line[c - 1] + line[c] + line[c + 1]) / 3.0f;
    sum[columns - 1] = (line[columns - 2] + line[columns - 1]) * 0.5f;
  }
  for (size_t r = 0; r < rows; r++) {
    const float *line = logs + r * pitch, *here = sums + r * pitch;
    // A row beyond the border counts nothing.
    const float upper = r > 0 ? 1.0f : 0.0f, lower = r + 1 < rows ? 1.0f : 0.0f, counted = 1.0f + upper + lower;
    const float *above = r > 0 ? here - pitch : here, *below = r + 1 < rows ? here + pitch : here;
    float *out = gamma + r * pitch, *sum = total + r * total_pitch;
    for (size_t c = 0; c < columns; c++) {
      const float mean = (upper * above[c] + here[c] + lower * below[c]) / counted;
      out[c] = exponential(line[c] + share * (mean - line[c]));
      sum[c] += out[c];
    }
  }
}

#define VARIANT(suffix, attribute)                                                                                     \
  attribute static void weigh_##suffix(const float *psi, float *bonus, float *sums, float *gamma, size_t pitch,        \
                                       size_t rows, size_t columns, float share, float *total, size_t total_pitch) {   \
    weigh(psi, bonus, sums, gamma, pitch, rows, columns, share, total, total_pitch);                                   \
  }

VARIANT(baseline, )
#if __x86_64__
VARIANT(v3, NEM_TARGET_V3)
VARIANT(v4, NEM_TARGET_V4)
#endif

void nem_weigh(const float *psi, float *bonus, float *sums, float *gamma, size_t first, size_t pitch, size_t rows,
               size_t columns, float share, float *total, size_t total_first, size_t total_pitch, int level) {
  DISPATCH(weigh, psi + first, bonus + first, sums + first, gamma + first, pitch, rows, columns, share,
           total + total_first, total_pitch);
}

static inline int floor_of(float x) {
  const int whole = (int)x;
  return x < (float)whole ? whole - 1 : whole;
}

static inline float at(const float *plane, size_t pitch, int columns, int rows, int column, int row) {
  return column >= 0 && column < columns && row >= 0 && row < rows ? plane[(size_t)row * pitch + (size_t)column] : 0;
}

void nem_resample(const float *plane, size_t pitch, int columns, int rows, float left, float across, float top,
                  float down, int side, float *out, size_t step) {
  for (int r = 0; r < side; r++) {
    const float v = top + (float)r * down;
    const int row = floor_of(v);
    const float b = v - (float)row;
    for (int c = 0; c < side; c++, out += step) {
      const float u = left + (float)c * across;
      const int column = floor_of(u);
      const float a = u - (float)column;
      const float upper = at(plane, pitch, columns, rows, column, row) * (1 - a)
                        + at(plane, pitch, columns, rows, column + 1, row) * a;
      const float lower = at(plane, pitch, columns, rows, column, row + 1) * (1 - a)
                        + at(plane, pitch, columns, rows, column + 1, row + 1) * a;
      *out = upper * (1 - b) + lower * b;
    }
  }
}
