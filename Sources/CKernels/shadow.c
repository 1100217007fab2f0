#include "shadow.h"

#include <string.h>
#if __x86_64__
#include <immintrin.h>
#endif

#include "dispatch.h"

enum { TILE = NEM_SHADOW_TILE, RUN = NEM_SHADOW_RUN, BINS = NEM_SHADOW_BINS, RADIUS = NEM_SHADOW_RADIUS };

ALWAYS_INLINE void tile_counts(const uint8_t *mask, size_t stride, int width, int height, uint8_t *counts) {
  const int columns = (width + TILE - 1) / TILE;
  for (int top = 0; top < height; top += TILE) {
    uint8_t *row = counts + top / TILE * columns;
    const int bottom = top + TILE < height ? top + TILE : height;
    for (int left = 0; left < width; left += RUN) {
      const int count = width - left < RUN ? width - left : RUN;
      uint8_t sums[RUN] = {0};
      for (int y = top; y < bottom; y++) {
        const uint8_t *pixels = mask + (size_t)y * stride + left;
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

// Two small tables in the first cache are faster read one by one than gathered.
ALWAYS_INLINE void log_ratios(const nem_shadow_frame *f, const uint8_t *luma, const uint8_t *greys, int count,
                              int16_t *ratios) {
#pragma clang loop vectorize(disable)
  for (int i = 0; i < count; i++) ratios[i] = (int16_t)(f->luma_logs[luma[i]] - f->mean_logs[greys[i]]);
}

#if __x86_64__
// 256 words by 32 indices at once: AVX-512 picks from 64 words held in two registers.
NEM_TARGET_V4 static inline __m512i pick(const __m512i table[8], __m512i index) {
  const __mmask32 second = _mm512_test_epi16_mask(index, _mm512_set1_epi16(64));
  const __m512i a = _mm512_permutex2var_epi16(table[0], index, table[1]);
  const __m512i b = _mm512_permutex2var_epi16(table[2], index, table[3]);
  const __m512i c = _mm512_permutex2var_epi16(table[4], index, table[5]);
  const __m512i d = _mm512_permutex2var_epi16(table[6], index, table[7]);
  const __mmask32 upper = _mm512_test_epi16_mask(index, _mm512_set1_epi16(128));
  return _mm512_mask_blend_epi16(upper, _mm512_mask_blend_epi16(second, a, b), _mm512_mask_blend_epi16(second, c, d));
}

NEM_TARGET_V4 static void log_ratios_wide(const nem_shadow_frame *f, const uint8_t *luma, const uint8_t *greys,
                                          int count, int16_t *ratios) {
  enum { WIDE = 32 };
  __m512i luma_logs[8], mean_logs[8];
  for (int i = 0; i < 8; i++) {
    luma_logs[i] = _mm512_loadu_si512(f->luma_logs + WIDE * i);
    mean_logs[i] = _mm512_loadu_si512(f->mean_logs + WIDE * i);
  }
  for (int i = 0; i < count; i += WIDE) {
    const __mmask32 inside = count - i < WIDE ? (1u << (count - i)) - 1 : ~0u;
    const __m512i a = pick(luma_logs, _mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(inside, luma + i)));
    const __m512i b = pick(mean_logs, _mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(inside, greys + i)));
    _mm512_mask_storeu_epi16(ratios + i, inside, _mm512_sub_epi16(a, b));
  }
}
#else
ALWAYS_INLINE void log_ratios_wide(const nem_shadow_frame *f, const uint8_t *luma, const uint8_t *greys, int count,
                                   int16_t *ratios) {
  log_ratios(f, luma, greys, count, ratios);
}
#endif

// Sums over three columns of one row's log-ratios and of their squares; the border is repeated.
ALWAYS_INLINE void row_sums(const nem_shadow_frame *f, int y, int left, int right, const int wide, int16_t *sums,
                            int32_t *squares) {
  int16_t ratios[RUN + 2];
  uint8_t greys[RUN + 2];
  const int before = left > 0, after = right < f->width, first = left - before, count = right - left;
  const uint8_t *luma = f->luma + (size_t)y * f->stride + first;
  const uint16_t *mean = f->mean + (size_t)y * (size_t)f->width + first;
  for (int i = 0; i < before + count + after; i++) {
    const int grey = (mean[i] + 128) >> 8;
    greys[i] = (uint8_t)(grey < 255 ? grey : 255);
  }
  if (wide) log_ratios_wide(f, luma, greys, before + count + after, ratios + 1 - before);
  else log_ratios(f, luma, greys, before + count + after, ratios + 1 - before);
  if (!before) ratios[0] = ratios[1];
  if (!after) ratios[count + 1] = ratios[count];
  for (int x = 0; x < count; x++) {
    const int32_t a = ratios[x], b = ratios[x + 1], c = ratios[x + 2];
    sums[x] = (int16_t)(a + b + c);
    squares[x] = a * a + b * b + c * c;
  }
}

// Each column of a tile has counters of its own. Most kinds
// are 0: eight of them at once are passed over. Only those count that were 0 before.
ALWAYS_INLINE void count_kinds(const uint8_t *now, const uint8_t *before, int count, uint32_t *counts) {
  uint8_t kinds[RUN];
  for (int x = 0; x < count; x++) kinds[x] = before[x] ? 0 : now[x];
  int x = 0;
  for (; x + TILE <= count; x += TILE) {
    uint64_t any;
    memcpy(&any, kinds + x, sizeof any);
    if (!any) continue;
#pragma clang loop unroll(full)
    for (int i = 0; i < TILE; i++) counts[i * NEM_SHADOW_KINDS + kinds[x + i]]++;
  }
  for (; x < count; x++) counts[kinds[x]]++;
}

ALWAYS_INLINE void kinds_of_run(const nem_shadow_frame *f, const uint8_t *mask, const nem_shadow_run run,
                                const int wide, uint8_t *kinds, uint32_t *counts) {
  int16_t sums[3][RUN];
  int32_t squares[3][RUN];
  const int count = run.right - run.left, limit = 81 * f->spread * f->spread;
  for (int y = run.top - 1; y <= run.bottom; y++) {
    const int slot = (y + 3) % 3, row = y < 0 ? 0 : y < f->height ? y : f->height - 1;
    row_sums(f, row, run.left, run.right, wide, sums[slot], squares[slot]);
    const int centre = y - 1;
    if (centre < run.top) continue;
    const size_t place = (size_t)centre * (size_t)f->width + (size_t)run.left;
    uint8_t *restrict out = kinds + place;
    uint8_t before[RUN];
    if (counts) memcpy(before, out, (size_t)count);
    for (int x = 0; x < count; x++) {
      const int32_t sum = sums[0][x] + sums[1][x] + sums[2][x];
      const int32_t square = squares[0][x] + squares[1][x] + squares[2][x];
      const int32_t above = sum + BINS * NEM_SHADOW_BIN_WIDTH;
      const int even = (9 * square - sum * sum < limit) & (above >= 0) & (sum < 0) & (mask[place + (size_t)x] == 255);
      // above / 231, exact for the bins' 26 · 231.
      out[x] = even ? (uint8_t)(1 + ((uint32_t)above * 9079 >> 21)) : 0;
    }
    if (counts) count_kinds(out, before, count, counts);
  }
}

// One vote per pixel: 1 for foreground whose kind is shadow, -1 for other foreground, 0 elsewhere.
ALWAYS_INLINE void cast_votes(const uint8_t *mask, const uint8_t *kinds, uint32_t shadows, int count, int8_t *votes) {
  for (int x = 0; x < count; x++) {
    const int8_t vote = shadows >> kinds[x] & 1 ? 1 : -1;
    votes[x] = mask[x] ? vote : 0;
  }
}

// Column sums slide down the run; each output row adds them up sideways. Sums fit a byte: 9² < 128. Pixels that another
// run has made 127 still vote.
ALWAYS_INLINE void elect(const uint8_t *kinds, uint32_t shadows, int width, int height, const nem_shadow_run run,
                         uint8_t *mask) {
  enum { SIDE = 2 * RADIUS + 1, COLUMNS = RUN + 2 * RADIUS };
  int8_t votes[SIDE][COLUMNS] = {{0}}, columns[COLUMNS] = {0};
  const int from = run.left < RADIUS ? 0 : run.left - RADIUS;
  const int count = (run.right + RADIUS > width ? width : run.right + RADIUS) - from;
  int8_t *inner = columns + from - (run.left - RADIUS);
  const int first = run.top < RADIUS ? 0 : run.top - RADIUS;
  for (int y = first; y < run.bottom + RADIUS; y++) {
    int8_t *row = votes[(y - first) % SIDE];
    for (int x = 0; x < count; x++) inner[x] -= row[x];
    if (y < height) {
      const size_t place = (size_t)y * (size_t)width + (size_t)from;
      cast_votes(mask + place, kinds + place, shadows, count, row);
    } else {
      memset(row, 0, COLUMNS);
    }
    for (int x = 0; x < count; x++) inner[x] += row[x];
    const int centre = y - RADIUS;
    if (centre < run.top) continue;
    uint8_t *out = mask + (size_t)centre * (size_t)width + run.left;
    for (int x = 0; x < run.right - run.left; x++) {
      int8_t sum = 0;
      for (int d = 0; d <= 2 * RADIUS; d++) sum += columns[x + d];
      out[x] = sum > 0 && out[x] == 255 ? 127 : out[x];
    }
  }
}

#define VARIANTS(suffix, wide, attribute)                                                                                  \
  attribute static void tile_counts_##suffix(const uint8_t *mask, size_t stride, int width, int height,                \
                                             uint8_t *counts) {                                                        \
    tile_counts(mask, stride, width, height, counts);                                                                  \
  }                                                                                                                    \
  attribute static void kinds_##suffix(const nem_shadow_frame *frame, const uint8_t *mask, nem_shadow_run run,         \
                                       uint8_t *kinds, uint32_t *counts) {                                            \
    kinds_of_run(frame, mask, run, wide, kinds, counts);                                                               \
  }                                                                                                                    \
  attribute static void elect_##suffix(const uint8_t *kinds, uint32_t shadows, int width, int height,                  \
                                       nem_shadow_run run, uint8_t *mask) {                                            \
    elect(kinds, shadows, width, height, run, mask);                                                                   \
  }

VARIANTS(baseline, 0, )
#if __x86_64__
VARIANTS(v3, 0, NEM_TARGET_V3)
VARIANTS(v4, 1, NEM_TARGET_V4)
#endif

void nem_tile_counts(const uint8_t *mask, size_t stride, int width, int height, uint8_t *counts, int level) {
  DISPATCH(tile_counts, mask, stride, width, height, counts);
}

void nem_shadow_kinds(const nem_shadow_frame *frame, const uint8_t *mask, nem_shadow_run run, uint8_t *kinds,
                      uint32_t *counts, int level) {
  DISPATCH(kinds, frame, mask, run, kinds, counts);
}

void nem_shadow_elect(const uint8_t *kinds, uint32_t shadows, int width, int height, nem_shadow_run run, uint8_t *mask,
                      int level) {
  DISPATCH(elect, kinds, shadows, width, height, run, mask);
}

int nem_shadow_count(const uint8_t *kinds, int width, uint32_t which) {
  int count = 0;
  for (int y = 0; y < TILE; y++) {
    for (int x = 0; x < TILE; x++) count += which >> kinds[(size_t)y * (size_t)width + (size_t)x] & 1;
  }
  return count;
}
