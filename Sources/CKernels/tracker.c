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

ALWAYS_INLINE int floor_of(float x) {
  const int whole = (int)x;
  return x < (float)whole ? whole - 1 : whole;
}

// Two neighbours of a place along one side, and how far it is from the first; outside they are 0 and do not count.
typedef struct {
  int first[NEM_MAX_SIDE], second[NEM_MAX_SIDE], first_counts[NEM_MAX_SIDE], second_counts[NEM_MAX_SIDE];
  float share[NEM_MAX_SIDE];
} places;

ALWAYS_INLINE void find_places(float start, float step, int count, int size, places *p) {
  for (int i = 0; i < count; i++) {
    const float u = start + (float)i * step;
    const int whole = floor_of(u);
    p->share[i] = u - (float)whole;
    p->first_counts[i] = whole >= 0 && whole < size;
    p->second_counts[i] = whole + 1 >= 0 && whole + 1 < size;
    p->first[i] = p->first_counts[i] ? whole : 0;
    p->second[i] = p->second_counts[i] ? whole + 1 : 0;
  }
}

ALWAYS_INLINE float value_at(const float *row, int row_counts, int column, int column_counts) {
  const float value = row[column];
  return row_counts & column_counts ? value : 0;
}

ALWAYS_INLINE void resample(const float *plane, size_t pitch, int columns, int rows, float left, float across, float top,
                            float down, int side, float *restrict out, size_t step) {
  places x, y;
  float line[NEM_MAX_SIDE];
  find_places(left, across, side, columns, &x);
  find_places(top, down, side, rows, &y);
  for (int r = 0; r < side; r++) {
    const float *first = plane + (size_t)y.first[r] * pitch, *second = plane + (size_t)y.second[r] * pitch;
    const int upper_counts = y.first_counts[r], lower_counts = y.second_counts[r];
    const float b = y.share[r];
    for (int c = 0; c < side; c++) {
      const float a = x.share[c];
      const float upper = value_at(first, upper_counts, x.first[c], x.first_counts[c]) * (1 - a)
                        + value_at(first, upper_counts, x.second[c], x.second_counts[c]) * a;
      const float lower = value_at(second, lower_counts, x.first[c], x.first_counts[c]) * (1 - a)
                        + value_at(second, lower_counts, x.second[c], x.second_counts[c]) * a;
      line[c] = upper * (1 - b) + lower * b;
    }
    for (int c = 0; c < side; c++, out += step) *out = line[c];
  }
}

// The place of cell `i` of `count` among `side` samples, its border repeated.
ALWAYS_INLINE int canonical(int i, int count, int side, float *share) {
  const float u = ((float)i + 0.5f) * (float)side / (float)count - 0.5f;
  const float from = u > 0 ? u : 0, place = from < (float)(side - 1) ? from : (float)(side - 1);
  *share = place - (float)(int)place;
  return (int)place;
}

ALWAYS_INLINE void predict(const float *shape, int columns, int rows, const float *residuals, int side, float limit,
                           float floor, float *restrict predicted) {
  for (int v = 0; v < rows; v++) {
    float av;
    const int top = canonical(v, rows, side, &av);
    const float *first = residuals + top * side, *second = top + 1 < side ? first + side : first;
    for (int u = 0; u < columns; u++) {
      float au;
      const int left = canonical(u, columns, side, &au), right = left + 1 < side ? left + 1 : left;
      const float upper = first[left] * (1 - au) + first[right] * au;
      const float lower = second[left] * (1 - au) + second[right] * au;
      const float residual = upper * (1 - av) + lower * av;
      const float m = shape[v * columns + u];
      const float least = m > floor ? m : floor, inner = least < 1 - floor ? least : 1 - floor;
      const float above = residual > -limit ? residual : -limit, shift = above < limit ? above : limit;
      const float odds = inner * exponential(shift);
      predicted[v * columns + u] = residual == 0 ? m : odds / (1 - inner + odds);
    }
  }
}

#define VARIANTS(suffix, attribute)                                                                                    \
  attribute static void resample_##suffix(const float *plane, size_t pitch, int columns, int rows, float left,         \
                                          float across, float top, float down, int side, float *out, size_t step) {    \
    resample(plane, pitch, columns, rows, left, across, top, down, side, out, step);                                   \
  }                                                                                                                    \
  attribute static void predict_##suffix(const float *shape, int columns, int rows, const float *residuals,         \
                                         int side, float limit, float floor, float *predicted) {                       \
    predict(shape, columns, rows, residuals, side, limit, floor, predicted);                                        \
  }

VARIANTS(baseline, )
#if __x86_64__
VARIANTS(v3, NEM_TARGET_V3)
VARIANTS(v4, NEM_TARGET_V4)
#endif

void nem_resample(const float *plane, size_t pitch, int columns, int rows, float left, float across, float top,
                  float down, int side, float *out, size_t step, int level) {
  DISPATCH(resample, plane, pitch, columns, rows, left, across, top, down, side, out, step);
}

void nem_predict_shape(const float *shape, int columns, int rows, const float *residuals, int side, float limit,
                       float floor, float *predicted, int level) {
  DISPATCH(predict, shape, columns, rows, residuals, side, limit, floor, predicted);
}
