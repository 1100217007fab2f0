#include "grid.h"

#include "dispatch.h"

// Sums of a chunk of rows fit 16 bits: 257 · 255 < 65536. A tile's sums stay in the first cache while its rows, long
// enough to be fetched ahead, go by.
enum { CHUNK = 257, TILE = 2048 };

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

#define VARIANT(suffix, attribute)                                                                                     \
  attribute static void sum_rows_##suffix(const uint8_t *source, size_t stride, size_t rows, size_t columns,           \
                                          uint32_t *sums) {                                                            \
    sum_rows(source, stride, rows, columns, sums);                                                                     \
  }

VARIANT(baseline, )
#if __x86_64__
VARIANT(v3, NEM_TARGET_V3)
VARIANT(v4, NEM_TARGET_V4)
#endif

void nem_sum_rows(const uint8_t *source, size_t stride, size_t rows, size_t columns, uint32_t *sums, int level) {
  DISPATCH(sum_rows, source, stride, rows, columns, sums);
}
