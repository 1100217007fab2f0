#include "motion.h"

#include <math.h>

#include "dispatch.h"

enum { TILE = 2048, LANES = 16, SUMS = 6, MARGIN = 2 };

// A band of rows is added up by columns, which vectorises; then its columns by blocks. `sum` holds a column's.
#define REDUCE(name, value, sum)                                                                                       \
  ALWAYS_INLINE void name(const value *source, size_t stride, const int factor, int columns, int rows, float scale,    \
                          float *target) {                                                                             \
    const int step = TILE / factor;                                                                                    \
    for (int row = 0; row < rows; row++) {                                                                             \
      for (int first = 0; first < columns; first += step) {                                                            \
        sum sums[TILE];                                                                                                \
        const int blocks = columns - first < step ? columns - first : step;                                            \
        const value *line = source + (size_t)row * (size_t)factor * stride + (size_t)first * (size_t)factor;           \
        for (int x = 0; x < blocks * factor; x++) sums[x] = line[x];                                                   \
        for (int y = 1; y < factor; y++) {                                                                             \
          line += stride;                                                                                              \
          for (int x = 0; x < blocks * factor; x++) sums[x] += line[x];                                                \
        }                                                                                                              \
        for (int block = 0; block < blocks; block++) {                                                                 \
          uint32_t total = 0;                                                                                          \
          for (int x = 0; x < factor; x++) total += sums[block * factor + x];                                          \
          target[row * columns + first + block] = (float)total * scale;                                                \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }

REDUCE(reduce_bytes, uint8_t, uint32_t)
REDUCE(reduce_bytes_by_few, uint8_t, uint16_t)
REDUCE(reduce_words, uint16_t, uint32_t)

// Where a picture is sampled: whole pixels, and the weights of the four around the place.
typedef struct {
  int x, y;
  float here, right, below, beyond;
} place;

// Pixel i of the block adds to lane i of each sum, whatever the vector's width: the rounding is always the same.
ALWAYS_INLINE void add_block(const float *b, const float *g, const ptrdiff_t width, const place p, const float inverse,
                             const int count, float sums[SUMS][LANES]) {
  for (int i = 0; i < count; i++) {
    const float *above = b + i - width, *middle = b + i, *below = b + i + width, *sample = g + i;
    const float across = ((above[1] - above[-1]) + 2 * (middle[1] - middle[-1]) + (below[1] - below[-1])) * 0.125f;
    const float down = ((below[-1] - above[-1]) + 2 * (below[0] - above[0]) + (below[1] - above[1])) * 0.125f;
    const float value =
        (p.here * sample[0] + p.right * sample[1]) + (p.below * sample[width] + p.beyond * sample[width + 1]);
    const float r = value - middle[0], q = 1 + r * r * inverse, k = 1 / (q * q);
    sums[0][i] += k * across * across;
    sums[1][i] += k * across * down;
    sums[2][i] += k * down * down;
    sums[3][i] += k * across * r;
    sums[4][i] += k * down * r;
    sums[5][i] += k;
  }
}

ALWAYS_INLINE void compare(const float *background, const float *frame, int width, int height, float dx, float dy,
                           float tolerance, nem_motion_sums *result) {
  const float x = floorf(dx), y = floorf(dy), fx = dx - x, fy = dy - y, inverse = 1 / (tolerance * tolerance);
  const place p = {(int)x, (int)y, (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy};
  const int left = p.x < -MARGIN ? -p.x : MARGIN, right = p.x + 1 > MARGIN ? width - p.x - 1 : width - MARGIN;
  const int top = p.y < -MARGIN ? -p.y : MARGIN, bottom = p.y + 1 > MARGIN ? height - p.y - 1 : height - MARGIN;
  float sums[SUMS][LANES] = {{0}}, totals[SUMS] = {0};
  for (int row = top; row < bottom; row++) {
    const float *b = background + row * width, *g = frame + (row + p.y) * width + p.x;
    int column = left;
    for (; column + LANES <= right; column += LANES)
      add_block(b + column, g + column, width, p, inverse, LANES, sums);
    if (column < right) add_block(b + column, g + column, width, p, inverse, right - column, sums);
  }
  for (int s = 0; s < SUMS; s++)
    for (int i = 0; i < LANES; i++) totals[s] += sums[s][i];
  const int pixels = left < right && top < bottom ? (right - left) * (bottom - top) : 0;
  *result = (nem_motion_sums){totals[0], totals[1], totals[2], totals[3], totals[4], totals[5], (float)pixels};
}

ALWAYS_INLINE int clamp(int value, int limit) {
  return value < 0 ? 0 : value < limit ? value : limit - 1;
}

// Sixteenths keep the sums in 16 bits: 255 · 256 + 128 < 65536.
ALWAYS_INLINE void shift(const uint8_t *source, size_t stride, int width, int height, int dx, int dy, uint8_t *target) {
  const int whole_x = dx >> 4, whole_y = dy >> 4;
  const uint16_t fx = (uint16_t)(dx & 15), fy = (uint16_t)(dy & 15), gx = 16 - fx, gy = 16 - fy;
  const int left = clamp(-whole_x, width + 1), right = clamp(width - 1 - whole_x, width + 1);
  for (int row = 0; row < height; row++) {
    const uint8_t *upper = source + (size_t)clamp(row + whole_y, height) * stride;
    const uint8_t *lower = source + (size_t)clamp(row + whole_y + 1, height) * stride;
    uint8_t *restrict out = target + (size_t)row * (size_t)width;
#define BLEND(a, b)                                                                                                    \
  (uint8_t)((uint16_t)((uint16_t)((uint16_t)(upper[a] * gx + upper[b] * fx) * gy) +                                    \
                       (uint16_t)((uint16_t)(lower[a] * gx + lower[b] * fx) * fy) + 128) >> 8)
    for (int x = 0; x < left; x++) out[x] = BLEND(0, 0);
    for (int x = left; x < right; x++) out[x] = BLEND(x + whole_x, x + whole_x + 1);
    for (int x = left < right ? right : left; x < width; x++) out[x] = BLEND(width - 1, width - 1);
#undef BLEND
  }
}

#define VARIANTS(suffix, attribute)                                                                                    \
  attribute static void reduce_bytes_##suffix(const uint8_t *source, size_t stride, int factor, int columns, int rows, \
                                              float scale, float *target) {                                            \
    if (factor == 8) return reduce_bytes_by_few(source, stride, 8, columns, rows, scale, target);                      \
    reduce_bytes(source, stride, factor, columns, rows, scale, target);                                                \
  }                                                                                                                    \
  attribute static void reduce_words_##suffix(const uint16_t *source, size_t stride, int factor, int columns,          \
                                              int rows, float scale, float *target) {                                  \
    if (factor == 8) return reduce_words(source, stride, 8, columns, rows, scale, target);                             \
    reduce_words(source, stride, factor, columns, rows, scale, target);                                                \
  }                                                                                                                    \
  attribute static void compare_##suffix(const float *background, const float *frame, int width, int height, float dx, \
                                         float dy, float tolerance, nem_motion_sums *result) {                         \
    compare(background, frame, width, height, dx, dy, tolerance, result);                                              \
  }                                                                                                                    \
  attribute static void shift_##suffix(const uint8_t *source, size_t stride, int width, int height, int dx, int dy,    \
                                       uint8_t *target) {                                                              \
    shift(source, stride, width, height, dx, dy, target);                                                              \
  }

VARIANTS(baseline, )
#if __x86_64__
VARIANTS(v3, NEM_TARGET_V3)
VARIANTS(v4, NEM_TARGET_V4)
#endif

void nem_reduce_bytes(const uint8_t *source, size_t stride, int factor, int columns, int rows, float scale,
                      float *target, int level) {
  DISPATCH(reduce_bytes, source, stride, factor, columns, rows, scale, target);
}

void nem_reduce_words(const uint16_t *source, size_t stride, int factor, int columns, int rows, float scale,
                      float *target, int level) {
  DISPATCH(reduce_words, source, stride, factor, columns, rows, scale, target);
}

static void compare_into(const float *background, const float *frame, int width, int height, float dx, float dy,
                         float tolerance, int level, nem_motion_sums *result) {
  DISPATCH(compare, background, frame, width, height, dx, dy, tolerance, result);
}

nem_motion_sums nem_motion_compare(const float *background, const float *frame, int width, int height, float dx,
                                   float dy, float tolerance, int level) {
  nem_motion_sums result;
  compare_into(background, frame, width, height, dx, dy, tolerance, level, &result);
  return result;
}

void nem_shift(const uint8_t *source, size_t stride, int width, int height, int dx, int dy, uint8_t *target,
               int level) {
  DISPATCH(shift, source, stride, width, height, dx, dy, target);
}
