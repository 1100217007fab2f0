#include "dispatch.h"
#include "gmm.h"

enum { TILE = 1024, MAX_RADIUS = 7, MODE_BLOCK = 64 };

ALWAYS_INLINE void smooth_rows(const uint8_t *evidence, int width, int height, uint8_t *smooth) {
  uint16_t sums[TILE + 2];
  for (int y = 0; y < height; y++) {
    const uint8_t *middle = evidence + (size_t)y * (size_t)width;
    const uint8_t *above = y > 0 ? middle - width : middle;
    const uint8_t *below = y + 1 < height ? middle + width : middle;
    for (int left = 0; left < width; left += TILE) {
      const int columns = width - left < TILE ? width - left : TILE;
      for (int x = 0; x < columns; x++)
        sums[x + 1] = (uint16_t)(above[left + x] + middle[left + x] + below[left + x]);
      const int before = left > 0 ? left - 1 : 0, after = left + columns < width ? left + columns : width - 1;
      sums[0] = (uint16_t)(above[before] + middle[before] + below[before]);
      sums[columns + 1] = (uint16_t)(above[after] + middle[after] + below[after]);
      uint8_t *restrict out = smooth + (size_t)y * (size_t)width + left;
      for (int x = 0; x < columns; x++) {
        const uint16_t sum = (uint16_t)(sums[x] + sums[x + 1] + sums[x + 2]);
        out[x] = (uint8_t)((uint32_t)sum * 7282 >> 16);  // sum / 9, exact for sums up to 9 · 255
      }
    }
  }
}

// Column counts slide down a tile of the picture; each output row adds them up sideways. Counts fit a byte: 15² < 256.
ALWAYS_INLINE void majority(const uint8_t *evidence, int width, int height, const int radius, uint8_t threshold,
                            uint8_t *mask) {
  uint8_t counts[TILE + 2 * MAX_RADIUS];
  const uint8_t half = (uint8_t)((2 * radius + 1) * (2 * radius + 1) / 2);
  for (int left = 0; left < width; left += TILE) {
    const int columns = width - left < TILE ? width - left : TILE;
    const int from = left < radius ? 0 : left - radius;
    const int to = left + columns + radius > width ? width : left + columns + radius;
    uint8_t *restrict inner = counts + (from - (left - radius));
    const int inside = to - from;
    for (int x = 0; x < inside; x++) inner[x] = 0;
    for (int y = -radius; y < height + radius; y++) {
      const int entering = y < 0 ? 0 : y >= height ? height - 1 : y;
      const uint8_t *row = evidence + (size_t)entering * (size_t)width + from;
      for (int x = 0; x < inside; x++) inner[x] += row[x] >= threshold;
      const int centre = y - radius;
      if (centre < 0) continue;
      for (int x = 0; x < from - (left - radius); x++) counts[x] = inner[0];
      for (int x = to; x < left + columns + radius; x++) counts[x - left + radius] = inner[inside - 1];
      uint8_t *restrict out = mask + (size_t)centre * (size_t)width + left;
      for (int x = 0; x < columns; x++) {
        uint8_t sum = 0;
        for (int dx = 0; dx <= 2 * radius; dx++) sum += counts[x + dx];
        out[x] = sum > half ? 255 : 0;
      }
      const int oldest = centre - radius < 0 ? 0 : centre - radius;
      row = evidence + (size_t)oldest * (size_t)width + from;
      for (int x = 0; x < inside; x++) inner[x] -= row[x] >= threshold;
    }
  }
}

ALWAYS_INLINE void majority_any(const uint8_t *evidence, int width, int height, int radius, uint8_t threshold,
                                uint8_t *mask) {
  switch (radius) {
  case 1: majority(evidence, width, height, 1, threshold, mask); break;
  case 2: majority(evidence, width, height, 2, threshold, mask); break;
  case 3: majority(evidence, width, height, 3, threshold, mask); break;
  default: majority(evidence, width, height, radius, threshold, mask); break;
  }
}

// How much nearer than `reach` two values are. Whole bytes, and a constant number of columns below, keep vectors full.
ALWAYS_INLINE uint8_t nearness(uint8_t a, uint8_t b, uint8_t reach) {
  const uint8_t apart = a > b ? a - b : b - a;
  return apart < reach ? (uint8_t)(reach - apart) : 0;
}

// The value around which the rows' values lie densest: each counts for another by how much nearer it is than `reach`; the
// first of the best is moved to the mean of those it counts.
ALWAYS_INLINE void mode_block(const uint8_t *values, int rows, size_t pitch, uint8_t reach, uint8_t *mode,
                              const int columns) {
  uint16_t most[MODE_BLOCK] = {0};
  uint8_t found[MODE_BLOCK] = {0};
  for (int candidate = 0; candidate < rows; candidate++) {
    const uint8_t *centre = values + (size_t)candidate * pitch;
    uint16_t support[MODE_BLOCK] = {0};
    for (int row = 0; row < rows; row++) {
      const uint8_t *value = values + (size_t)row * pitch;
      for (int x = 0; x < columns; x++) support[x] += nearness(value[x], centre[x], reach);
    }
    for (int x = 0; x < columns; x++) {
      const int better = support[x] > most[x];
      most[x] = better ? support[x] : most[x];
      found[x] = better ? centre[x] : found[x];
    }
  }
  uint32_t sum[MODE_BLOCK] = {0};
  for (int row = 0; row < rows; row++) {
    const uint8_t *value = values + (size_t)row * pitch;
    for (int x = 0; x < columns; x++) sum[x] += (uint32_t)nearness(value[x], found[x], reach) * value[x];
  }
  for (int x = 0; x < columns; x++) mode[x] = (uint8_t)((sum[x] + most[x] / 2) / most[x]);
}

ALWAYS_INLINE void mode_columns(const uint8_t *values, int rows, size_t pitch, uint8_t reach, uint8_t *mode,
                                size_t count) {
  for (; count >= MODE_BLOCK; count -= MODE_BLOCK, values += MODE_BLOCK, mode += MODE_BLOCK)
    mode_block(values, rows, pitch, reach, mode, MODE_BLOCK);
  mode_block(values, rows, pitch, reach, mode, (int)count);
}

#define VARIANTS(suffix, attribute)                                                                                    \
  attribute static void smooth_##suffix(const uint8_t *evidence, int width, int height, uint8_t *smooth) {             \
    smooth_rows(evidence, width, height, smooth);                                                                      \
  }                                                                                                                    \
  attribute static void majority_##suffix(const uint8_t *evidence, int width, int height, int radius,                  \
                                          uint8_t threshold, uint8_t *mask) {                                          \
    majority_any(evidence, width, height, radius, threshold, mask);                                                    \
  }                                                                                                                    \
  attribute static void mode_##suffix(const uint8_t *values, int rows, size_t pitch, uint8_t reach, uint8_t *mode,     \
                                      size_t count) {                                                                  \
    mode_columns(values, rows, pitch, reach, mode, count);                                                             \
  }

VARIANTS(baseline, )
#if __x86_64__
VARIANTS(v3, NEM_TARGET_V3)
VARIANTS(v4, NEM_TARGET_V4)
#endif

void nem_smooth(const uint8_t *evidence, int width, int height, uint8_t *smooth, int level) {
  DISPATCH(smooth, evidence, width, height, smooth);
}

void nem_majority(const uint8_t *evidence, int width, int height, int radius, uint8_t threshold, uint8_t *mask,
                  int level) {
  DISPATCH(majority, evidence, width, height, radius, threshold, mask);
}

void nem_mode(const uint8_t *values, int rows, size_t pitch, uint8_t reach, uint8_t *mode, size_t count, int level) {
  DISPATCH(mode, values, rows, pitch, reach, mode, count);
}
