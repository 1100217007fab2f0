#include "chroma.h"

#include "dispatch.h"

ALWAYS_INLINE int32_t colour(uint8_t value, int32_t gain) { return (value - 128) * gain / 4; }

// How far a value lies outside of the span from the mean to what is left of it in the deepest shadow.
ALWAYS_INLINE int32_t outside(int32_t value, int32_t mean, int32_t rest) {
  const int32_t pale = mean * rest / 64;
  const int32_t low = mean < pale ? mean : pale, high = mean < pale ? pale : mean;
  return value < low ? low - value : value > high ? value - high : 0;
}

ALWAYS_INLINE void compare_row(const nem_chroma_row *row, int reach, int paleness, uint8_t *restrict evidence,
                               size_t count) {
  const int32_t gain = row->gain, rest = 64 - paleness;
  for (size_t x = 0; x < count; x++) {
    const int32_t distance = outside(colour(row->cb[x], gain), row->mean_cb[x], rest) +
                             outside(colour(row->cr[x], gain), row->mean_cr[x], rest);
    const int32_t noise = 4 * row->deviation[x], limit = noise > reach ? noise : reach;
    const float share = (float)distance * 128 / (float)limit;
    evidence[x] = (uint8_t)(share < 255 ? share : 255);
  }
}

ALWAYS_INLINE void learn_row(const nem_chroma_row *row, const uint8_t *learns, int shift, size_t count) {
  const int32_t gain = row->gain;
  for (size_t x = 0; x < count; x++) {
    const int32_t cb = colour(row->cb[x], gain) - row->mean_cb[x], cr = colour(row->cr[x], gain) - row->mean_cr[x];
    const int32_t distance = (cb < 0 ? -cb : cb) + (cr < 0 ? -cr : cr), deviation = row->deviation[x];
    const int32_t weight = learns[x] ? 1 : 0;
    row->mean_cb[x] = (int16_t)(row->mean_cb[x] + weight * (cb >> shift));
    row->mean_cr[x] = (int16_t)(row->mean_cr[x] + weight * (cr >> shift));
    row->deviation[x] = (uint16_t)(deviation + weight * ((distance - deviation) >> shift));
  }
}

ALWAYS_INLINE void add_row(const uint8_t *found, size_t count, int shift_x, uint8_t *restrict mask, size_t width,
                           int rows) {
  uint8_t any = 0;
  for (size_t x = 0; x < count; x++) any |= found[x];
  if (!any) return;
  for (int row = 0; row < rows; row++, mask += width) {
    if (shift_x == 1) {
      for (size_t x = 0; x < width / 2; x++) {
        mask[2 * x] |= found[x];
        mask[2 * x + 1] |= found[x];
      }
      if (width % 2) mask[width - 1] |= found[count - 1];
    } else {
      for (size_t x = 0; x < width; x++) mask[x] |= found[x >> shift_x];
    }
  }
}

#define VARIANTS(suffix, attribute)                                                                                    \
  attribute static void compare_##suffix(const nem_chroma_row *row, int reach, int paleness, uint8_t *evidence,        \
                                         size_t count) {                                                               \
    compare_row(row, reach, paleness, evidence, count);                                                                \
  }                                                                                                                    \
  attribute static void learn_##suffix(const nem_chroma_row *row, const uint8_t *learns, int shift, size_t count) {    \
    learn_row(row, learns, shift, count);                                                                              \
  }                                                                                                                    \
  attribute static void add_##suffix(const uint8_t *found, size_t count, int shift_x, uint8_t *mask, size_t width,     \
                                     int rows) {                                                                       \
    add_row(found, count, shift_x, mask, width, rows);                                                                 \
  }

VARIANTS(baseline, )
#if __x86_64__
VARIANTS(v3, NEM_TARGET_V3)
VARIANTS(v4, NEM_TARGET_V4)
#endif

void nem_chroma_compare(const nem_chroma_row *row, int reach, int paleness, uint8_t *evidence, size_t count, int level) {
  DISPATCH(compare, row, reach, paleness, evidence, count);
}

void nem_chroma_learn(const nem_chroma_row *row, const uint8_t *learns, int shift, size_t count, int level) {
  DISPATCH(learn, row, learns, shift, count);
}

void nem_chroma_add(const uint8_t *found, size_t count, int shift_x, uint8_t *mask, size_t width, int rows, int level) {
  DISPATCH(add, found, count, shift_x, mask, width, rows);
}
