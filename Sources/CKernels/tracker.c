#include "tracker.h"

#include "dispatch.h"
#include "fast_math.h"

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
