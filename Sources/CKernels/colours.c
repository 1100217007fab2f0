#include "colours.h"

#include "dispatch.h"

enum { CHANNELS = 4, TILE = 256 };

ALWAYS_INLINE int32_t byte_of(int32_t value) {
  const int32_t whole = value >> 16, low = whole < 0 ? 0 : whole;
  return low > 255 ? 255 : low;
}

// Chroma of the pixels left..<left + count. Most videos have one value for two pixels.
ALWAYS_INLINE void spread(const uint8_t *plane, int shift, int left, int count, uint8_t *restrict values) {
  if (!plane) {
    for (int x = 0; x < count; x++) values[x] = 128;
  } else if (shift == 1 && left % 2 == 0) {
    const uint8_t *half = plane + left / 2;
    for (int x = 0; x < (count + 1) / 2; x++) values[2 * x] = values[2 * x + 1] = half[x];
  } else {
    for (int x = 0; x < count; x++) values[x] = plane[(left + x) >> shift];
  }
}

ALWAYS_INLINE void colour_tile(const nem_colour_row row, const nem_colour_matrix m, const int32_t *labels, int32_t id,
                               int left, int count, uint32_t *restrict pixels) {
  uint8_t blue[TILE + 1], red[TILE + 1];
  spread(row.blue, row.shift, left, count, blue);
  spread(row.red, row.shift, left, count, red);
  const uint8_t *luma = row.luma + left;
  for (int x = 0; x < count; x++) {
    const int32_t y = (luma[x] - m.black) * m.gain + 32768, cb = blue[x] - 128, cr = red[x] - 128;
    const int32_t r = byte_of(y + m.red * cr), b = byte_of(y + m.blue * cb);
    const int32_t g = byte_of(y + m.green_of_red * cr + m.green_of_blue * cb);
    // Red comes first in memory: all machines that this runs on are little-endian.
    const uint32_t pixel = (uint32_t)r | (uint32_t)g << 8 | (uint32_t)b << 16 | 255u << 24;
    pixels[x] = labels[left + x] == id ? pixel : 0;
  }
}

ALWAYS_INLINE void cut_row(const nem_colour_row *row, const nem_colour_matrix *matrix, const int32_t *labels, int32_t id,
                           int left, int width, uint8_t *differences) {
  uint32_t pixels[TILE + 1] = {0};
  for (int x = 0; x < width; x += TILE) {
    const int count = width - x < TILE ? width - x : TILE;
    colour_tile(*row, *matrix, labels, id, left + x, count, pixels + 1);
    const uint8_t *here = (const uint8_t *)(pixels + 1), *before = (const uint8_t *)pixels;
    uint8_t *restrict out = differences + (size_t)x * CHANNELS;
    for (int i = 0; i < count * CHANNELS; i++) out[i] = (uint8_t)(here[i] - before[i]);
    pixels[0] = pixels[count];
  }
}

#define VARIANT(suffix, target)                                                                                        \
  target static void cut_row_##suffix(const nem_colour_row *row, const nem_colour_matrix *matrix,                      \
                                      const int32_t *labels, int32_t id, int left, int width, uint8_t *differences) {  \
    cut_row(row, matrix, labels, id, left, width, differences);                                                        \
  }

VARIANT(baseline, )
#if __x86_64__
VARIANT(v3, NEM_TARGET_V3)
VARIANT(v4, NEM_TARGET_V4)
#endif

void nem_cut_row(const nem_colour_row *row, const nem_colour_matrix *matrix, const int32_t *labels, int32_t id, int left,
                 int width, uint8_t *differences, int level) {
  DISPATCH(cut_row, row, matrix, labels, id, left, width, differences);
}
