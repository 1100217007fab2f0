#include "grid.h"

#include <string.h>

#include "dispatch.h"

// Sums of a chunk of rows fit 16 bits: 257 · 255 < 65536. A tile's sums stay in the first cache while its rows, long
// enough to be fetched ahead, go by.
enum { CHUNK = 257, TILE = 2048, VECTOR = 32, GROUP = 8 };

ALWAYS_INLINE void sum_rows(const uint8_t *source, size_t stride, size_t rows, size_t columns, uint32_t *sums) {
  for (size_t left = 0; left < columns; left += TILE) {
    const size_t width = columns - left < TILE ? columns - left : TILE;
    for (size_t x = 0; x < width; x++) sums[left + x] = 0;
    for (size_t first = 0; first < rows; first += CHUNK) {
      const size_t end = rows - first < CHUNK ? rows : first + CHUNK;
      uint16_t chunk[TILE];
      for (size_t x = 0; x < width; x++) chunk[x] = 0;
      for (size_t y = first; y < end; y++) {
        const uint8_t *line = source + y * stride + left;
        for (size_t x = 0; x < width; x++) chunk[x] += line[x];
      }
      for (size_t x = 0; x < width; x++) sums[left + x] += chunk[x];
    }
  }
}

ALWAYS_INLINE uint32_t any_of(const uint32_t *sums, size_t count) {
  uint32_t any = 0;
  for (size_t x = 0; x < count; x++) any |= sums[x];
  return any;
}

// Sums over the rows become means of the cells from..<to. Groups of cells without anything are passed over.
ALWAYS_INLINE void mean_cells(const uint32_t *sums, const int32_t *starts, int from, int to, size_t rows, float *out) {
  for (int group = from; group < to; group += GROUP) {
    const int end = to - group < GROUP ? to : group + GROUP;
    const int32_t left = starts[group] - starts[from];
    if (!any_of(sums + left, (size_t)(starts[end] - starts[group]))) {
      for (int cell = group; cell < end; cell++) out[cell] = 0;
      continue;
    }
    for (int cell = group; cell < end; cell++) {
      const uint32_t *first = sums + (starts[cell] - starts[from]);
      const int32_t columns = starts[cell + 1] - starts[cell];
      uint32_t sum = 0;
      for (int32_t x = 0; x < columns; x++) sum += first[x];
      out[cell] = (float)sum / (float)(255 * (int64_t)columns * (int64_t)rows);
    }
  }
}

// The first cell from `x` on for which `where` is not 0.
ALWAYS_INLINE int next_wanted(const float *where, int x, int width) {
  uint32_t bits[GROUP];
  for (; x + GROUP <= width; x += GROUP) {
    memcpy(bits, where + x, sizeof bits);
    uint32_t any = 0;
    for (int i = 0; i < GROUP; i++) any |= bits[i];
    if (any) break;
  }
  while (x < width && where[x] == 0) x++;
  return x;
}

ALWAYS_INLINE void average_row(const uint8_t *source, size_t stride, size_t rows, const int32_t *starts, int width,
                               const float *where, uint32_t *sums, float *out) {
  if (where) memset(out, 0, (size_t)width * sizeof out[0]);
  for (int x = 0; x < width;) {
    const int from = where ? next_wanted(where, x, width) : x;
    if (from == width) return;
    x = from;
    while (x < width && (!where || where[x] != 0)) x++;
    // Whole vectors are faster than a part of one.
    const int left = starts[width] - starts[from], columns = (starts[x] - starts[from] + VECTOR - 1) / VECTOR * VECTOR;
    sum_rows(source + starts[from], stride, rows, (size_t)(columns < left ? columns : left), sums);
    mean_cells(sums, starts, from, x, rows, out);
  }
}

#define VARIANT(suffix, attribute)                                                                                     \
  attribute static void average_row_##suffix(const uint8_t *source, size_t stride, size_t rows, const int32_t *starts, \
                                             int width, const float *where, uint32_t *sums, float *out) {              \
    average_row(source, stride, rows, starts, width, where, sums, out);                                                \
  }

VARIANT(baseline, )
#if __x86_64__
VARIANT(v3, NEM_TARGET_V3)
VARIANT(v4, NEM_TARGET_V4)
#endif

void nem_average_row(const uint8_t *source, size_t stride, size_t rows, const int32_t *starts, int width,
                     const float *where, uint32_t *sums, float *out, int level) {
  DISPATCH(average_row, source, stride, rows, starts, width, where, sums, out);
}
