#include "ffv1_labels.h"

#include <string.h>

#include "ffv1_range.h"

enum { CONTEXTS = (11 * 11 * 11 + 1) / 2, MAX_PIXEL_BYTES = 34, SPARE_BYTES = 256, STRIDE = 4, EDGE = STRIDE };

typedef struct {
  range_coder range;
  uint8_t states[CONTEXTS][FFV1_STATES];
} label_coder;

// Section 4.9's quantisation of a gradient's low byte, as libavcodec sets it for more than 8 bits.
static const int8_t quantised[256] = {
  [5 ... 12] = 1, [13 ... 26] = 2, [27 ... 55] = 3, [56 ... 127] = 4,
  [128 ... 200] = -4, [201 ... 229] = -3, [230 ... 243] = -2, [244 ... 251] = -1,
};

static inline int quantise(int difference) { return quantised[(uint8_t)difference]; }

static inline int median(int a, int b, int c) {
  const int low = a < b ? a : b, high = a < b ? b : a;
  return c < low ? low : c > high ? high : c;
}

// Section 4.6: where the slice is, its size, a quantisation table for gray and one for the colours that are not there, no
// fields, no pixel aspect.
static void put_header(range_coder *c, const nem_ffv1_slice *slice) {
  uint8_t states[FFV1_STATES], key = FFV1_FIRST_STATE;
  memset(states, FFV1_FIRST_STATE, sizeof states);
  if (slice->column == 0 && slice->row == 0) put_bit(c, &key, true);
  const int fields[] = {slice->column, slice->row, 0, 0, 0, 0, 3, 0, 1};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) put_number(c, states, fields[i], false);
}

static inline void put_pixel(label_coder *c, int left, int above_left, int above, int above_right, int pixel) {
  const int context = quantise(left - above_left) + 11 * quantise(above_left - above)
                    + 121 * quantise(above - above_right);
  const int residual = pixel - median(left, above, left + above - above_left);
  // Folded to 16 bits after its sign follows the context's.
  put_number(&c->range, c->states[context < 0 ? -context : context], (int16_t)(context < 0 ? -residual : residual), true);
}

// What is predicted exactly where all neighbours are alike costs one bit of one state. In its last one the bit takes
// 255/256 of the range: ⌊255 r / 256⌋ = r − ⌈r / 256⌉.
static inline void put_expected(label_coder *c, int count) {
  range_coder range = c->range;
  uint8_t state = c->states[0][0];
  int i = 0;
  for (; i < count && state < 255; i++) put_bit(&range, &state, true);
  for (; i < count; i++) {
    const uint32_t zero = (range.range + 255) >> 8;
    range.low += zero;
    range.range -= zero;
    if (range.range < 0x100) shift_byte(&range);
  }
  c->range = range;
  c->states[0][0] = state;
}

static inline uint64_t four(const int16_t *values) {
  uint64_t word;
  memcpy(&word, values, sizeof word);
  return word;
}

// How many columns from x on, in fours, have the value of their left neighbour in both rows, up to the one above right.
static inline int alike(const int16_t *row, const int16_t *above, int x, int width) {
  int end = x;
  const uint64_t value = (uint16_t)row[x - 1] * 0x0001000100010001u;
  if (above[x - 1] != row[x - 1]) return 0;
  while (end + STRIDE <= width && four(row + end) == value && four(above + end) == value &&
         above[end + STRIDE] == row[x - 1])
    end += STRIDE;
  return end - x;
}

// Rows hold a value before the first column and one after the last.
static void put_row(label_coder *c, const int16_t *row, const int16_t *above, int width) {
  for (int x = 0; x < width; x++) {
    const int count = alike(row, above, x, width);
    put_expected(c, count);
    x += count;
    if (x < width) put_pixel(c, row[x - 1], above[x - 1], above[x], above[x + 1], row[x]);
  }
}

static bool is_blank(const int32_t *labels, int width) {
  int32_t any = 0;
  for (int x = 0; x < width; x++) any |= labels[x];
  return any == 0;
}

static void take_row(const int32_t *labels, int width, int16_t *row) {
  for (int x = 0; x < width; x++) row[x] = (int16_t)((uint32_t)labels[x] <= UINT16_MAX ? labels[x] : 0);
}

int nem_ffv1_blank_rows(const nem_ffv1_slice *slice, const int32_t *labels, ptrdiff_t stride) {
  const int32_t *first = labels + slice->y * stride + slice->x;
  int y = 0;
  while (y < slice->height && is_blank(first + y * stride, slice->width)) y++;
  return y;
}

size_t nem_ffv1_label_capacity(int width, int height) {
  return (size_t)width * (size_t)height * MAX_PIXEL_BYTES + SPARE_BYTES;
}

size_t nem_ffv1_encode_labels(const nem_ffv1_slice *slice, int blank_rows, const int32_t *labels, ptrdiff_t stride,
                              uint8_t *out, size_t capacity) {
  const int width = slice->width;
  if (capacity < nem_ffv1_label_capacity(width, slice->height)) return 0;
  label_coder coder = {.range = range_coder_at(out)};
  memset(coder.states, FFV1_FIRST_STATE, sizeof coder.states);
  put_header(&coder.range, slice);
  int16_t lines[2][width + 2 * EDGE];
  memset(lines, 0, sizeof lines);
  const int32_t *first = labels + slice->y * stride + slice->x;
  put_expected(&coder, blank_rows * width);
  bool was_blank = true;
  for (int y = blank_rows; y < slice->height; y++) {
    int16_t *row = lines[y & 1] + EDGE, *above = lines[~y & 1] + EDGE;
    const bool blank = is_blank(first + y * stride, width);
    if (blank) {
      memset(row, 0, (size_t)width * sizeof row[0]);
    } else {
      take_row(first + y * stride, width, row);
    }
    // Section 3.1: left of a row stands the first pixel of the row above, right of it its own last.
    row[-1] = above[0];
    above[width] = above[width - 1];
    if (blank && was_blank && above[-1] == 0) {
      put_expected(&coder, width);
    } else {
      put_row(&coder, row, above, width);
    }
    was_blank = blank;
  }
  finish(&coder.range);
  return (size_t)(coder.range.next - out);
}
