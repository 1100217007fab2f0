#include "shadow.h"

#include "dispatch.h"

enum { TILE = NEM_SHADOW_TILE, RUN = NEM_SHADOW_RUN, BINS = NEM_SHADOW_BINS, RADIUS = NEM_SHADOW_RADIUS };

ALWAYS_INLINE int clamp(int value, int end) { return value < 0 ? 0 : value >= end ? end - 1 : value; }

ALWAYS_INLINE void tile_counts(const uint8_t *mask, int width, int height, uint8_t *counts) {
  const int columns = (width + TILE - 1) / TILE;
  for (int top = 0; top < height; top += TILE) {
    uint8_t *row = counts + top / TILE * columns;
    const int bottom = top + TILE < height ? top + TILE : height;
    for (int left = 0; left < width; left += RUN) {
      const int count = width - left < RUN ? width - left : RUN;
      uint8_t sums[RUN] = {0};
      for (int y = top; y < bottom; y++) {
        const uint8_t *pixels = mask + (size_t)y * (size_t)width + left;
        for (int x = 0; x < count; x++) sums[x] += pixels[x] == 255;
      }
      for (int tile = 0; tile * TILE < count; tile++) {
        uint8_t sum = 0;
        for (int x = 0; x < TILE; x++) sum += sums[tile * TILE + x];
        row[left / TILE + tile] = sum;
      }
    }
  }
}

// Sums over three columns of one row's log-ratios and of their squares; the border is repeated.
ALWAYS_INLINE void row_sums(const nem_shadow_frame *f, int y, int left, int right, int16_t *sums, int32_t *squares) {
  int16_t ratios[RUN + 2];
  const uint8_t *luma = f->luma + (size_t)y * f->stride;
  const uint16_t *mean = f->mean + (size_t)y * (size_t)f->width;
  const int count = right - left;
  for (int i = 0; i < count + 2; i++) {
    const int x = clamp(left + i - 1, f->width);
    const int grey = (mean[x] + 128) >> 8;
    ratios[i] = (int16_t)(f->luma_logs[luma[x]] - f->mean_logs[grey < 255 ? grey : 255]);
  }
  for (int x = 0; x < count; x++) {
    const int32_t a = ratios[x], b = ratios[x + 1], c = ratios[x + 2];
    sums[x] = (int16_t)(a + b + c);
    squares[x] = a * a + b * b + c * c;
  }
}

ALWAYS_INLINE void kinds_of_run(const nem_shadow_frame *f, const uint8_t *mask, const nem_shadow_run run,
                                uint8_t *kinds, uint32_t *counts) {
  int16_t sums[3][RUN];
  int32_t squares[3][RUN];
  const int count = run.right - run.left, limit = 81 * f->spread * f->spread;
  for (int y = run.top - 1; y <= run.bottom; y++) {
    const int slot = (y + 3) % 3;
    row_sums(f, clamp(y, f->height), run.left, run.right, sums[slot], squares[slot]);
    const int centre = y - 1;
    if (centre < run.top) continue;
    const size_t place = (size_t)centre * (size_t)f->width + (size_t)run.left;
    uint8_t *restrict out = kinds + place;
    for (int x = 0; x < count; x++) {
      const int32_t sum = sums[0][x] + sums[1][x] + sums[2][x];
      const int32_t square = squares[0][x] + squares[1][x] + squares[2][x];
      const int32_t above = sum + BINS * NEM_SHADOW_BIN_WIDTH;
      const int even = (9 * square - sum * sum < limit) & (above >= 0) & (sum < 0) & (mask[place + (size_t)x] == 255);
      out[x] = even ? (uint8_t)(1 + above / NEM_SHADOW_BIN_WIDTH) : 0;
    }
    for (int x = 0; x < count; x++)
      if (out[x]) counts[out[x] - 1]++;
  }
}

ALWAYS_INLINE void votes_of_run(const uint8_t *mask, const uint8_t *kinds, int width, const uint8_t *is_shadow,
                                const nem_shadow_run run, int8_t *votes) {
  for (int y = run.top; y < run.bottom; y++) {
    for (int x = run.left; x < run.right; x++) {
      const size_t i = (size_t)y * (size_t)width + (size_t)x;
      votes[i] = mask[i] != 255 ? 0 : is_shadow[kinds[i]] ? 1 : -1;
    }
  }
}

// Column sums slide down the run; each output row adds them up sideways. Sums fit a byte: 9² < 128.
ALWAYS_INLINE void elect(const int8_t *votes, int width, int height, const nem_shadow_run run, uint8_t *mask) {
  int8_t columns[RUN + 2 * RADIUS] = {0};
  const int from = run.left < RADIUS ? 0 : run.left - RADIUS;
  const int to = run.right + RADIUS > width ? width : run.right + RADIUS;
  int8_t *inner = columns + from - (run.left - RADIUS);
  for (int y = run.top - RADIUS; y < run.bottom + RADIUS; y++) {
    if (y >= 0 && y < height) {
      const int8_t *row = votes + (size_t)y * (size_t)width + from;
      for (int x = 0; x < to - from; x++) inner[x] += row[x];
    }
    const int centre = y - RADIUS;
    if (centre < run.top) continue;
    uint8_t *out = mask + (size_t)centre * (size_t)width + run.left;
    for (int x = 0; x < run.right - run.left; x++) {
      int8_t sum = 0;
      for (int d = 0; d <= 2 * RADIUS; d++) sum += columns[x + d];
      out[x] = sum > 0 && out[x] == 255 ? 127 : out[x];
    }
    if (centre - RADIUS >= 0) {
      const int8_t *row = votes + (size_t)(centre - RADIUS) * (size_t)width + from;
      for (int x = 0; x < to - from; x++) inner[x] -= row[x];
    }
  }
}

#define VARIANTS(suffix, attribute)                                                                                    \
  attribute static void tile_counts_##suffix(const uint8_t *mask, int width, int height, uint8_t *counts) {            \
    tile_counts(mask, width, height, counts);                                                                          \
  }                                                                                                                    \
  attribute static void kinds_##suffix(const nem_shadow_frame *frame, const uint8_t *mask, nem_shadow_run run,         \
                                       uint8_t *kinds, uint32_t *counts) {                                             \
    kinds_of_run(frame, mask, run, kinds, counts);                                                                     \
  }                                                                                                                    \
  attribute static void votes_##suffix(const uint8_t *mask, const uint8_t *kinds, int width, const uint8_t *is_shadow, \
                                       nem_shadow_run run, int8_t *votes) {                                            \
    votes_of_run(mask, kinds, width, is_shadow, run, votes);                                                           \
  }                                                                                                                    \
  attribute static void elect_##suffix(const int8_t *votes, int width, int height, nem_shadow_run run,                 \
                                       uint8_t *mask) {                                                                \
    elect(votes, width, height, run, mask);                                                                            \
  }

VARIANTS(baseline, )
#if __x86_64__
VARIANTS(v3, NEM_TARGET_V3)
VARIANTS(v4, NEM_TARGET_V4)
#endif

void nem_tile_counts(const uint8_t *mask, int width, int height, uint8_t *counts, int level) {
  DISPATCH(tile_counts, mask, width, height, counts);
}

void nem_shadow_kinds(const nem_shadow_frame *frame, const uint8_t *mask, nem_shadow_run run, uint8_t *kinds,
                      uint32_t counts[NEM_SHADOW_BINS], int level) {
  DISPATCH(kinds, frame, mask, run, kinds, counts);
}

void nem_shadow_votes(const uint8_t *mask, const uint8_t *kinds, int width, const uint8_t *is_shadow, nem_shadow_run run,
                      int8_t *votes, int level) {
  DISPATCH(votes, mask, kinds, width, is_shadow, run, votes);
}

void nem_shadow_elect(const int8_t *votes, int width, int height, nem_shadow_run run, uint8_t *mask, int level) {
  DISPATCH(elect, votes, width, height, run, mask);
}
