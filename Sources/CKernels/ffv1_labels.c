#include "ffv1_labels.h"

#include <string.h>

#include "ffv1_prediction.h"
#include "ffv1_range.h"

enum { LAST_STATE = 252, MAX_PIXEL_BYTES = 34, SPARE_BYTES = 256 };
enum { STRIDE = 4, EDGE = STRIDE };

typedef struct {
  range_coder range;
  uint8_t states[FFV1_CONTEXTS][FFV1_STATES];
} label_coder;

// Section 4.1's quantisation of a gradient's low byte, as libavcodec sets it for more than 8 bits.
static const int8_t quantised[256] = {
  [5 ... 12] = 1, [13 ... 26] = 2, [27 ... 55] = 3, [56 ... 127] = 4,
  [128 ... 200] = -4, [201 ... 229] = -3, [230 ... 243] = -2, [244 ... 251] = -1,
};

// Section 4.6: where the slice is, its size, a quantisation table for gray and one for colours that are not there, no
// fields, no pixel aspect.
static void put_header(range_coder *c, const nem_ffv1_slice *slice) {
  uint8_t states[FFV1_STATES], key = FFV1_FIRST_STATE;
  memset(states, FFV1_FIRST_STATE, sizeof states);
  if (slice->column == 0 && slice->row == 0) put_bit(c, &key, true);
  const int fields[] = {slice->column, slice->row, 0, 0, 0, 0, 3, 0, 1};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) put_number(c, states, fields[i], false);
}

static inline void put_pixel(label_coder *c, int left, int above_left, int above, int above_right, int pixel) {
  const ffv1_prediction expected = predict(quantised, left, above_left, above, above_right, pixel);
  put_number(&c->range, c->states[expected.context], (int16_t)expected.residual, true);
}

// What is predicted exactly where all neighbours are alike costs one bit of one state. In its last one, which after_one
// keeps, the bit takes 252/256 of the range: ⌊252 r / 256⌋ = r − ⌈r / 64⌉.
static inline void put_expected(label_coder *c, int count) {
  range_coder range = c->range;
  uint8_t state = c->states[0][0];
  int i = 0;
  for (; i < count && state < LAST_STATE; i++) put_bit(&range, &state, true);
  for (; i < count; i++) {
    const uint32_t zero = (range.range + 63) >> 6;
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

// How many columns from x on, in fours, hold row[x − 1] where the row above holds it too, also one column further right.
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

// Section 3.3: values of 16 bits are predicted as signed ones.
static void take_row(const int32_t *labels, int width, int16_t *row) {
  for (int x = 0; x < width; x++) row[x] = (int16_t)((uint32_t)labels[x] <= UINT16_MAX ? labels[x] : 0);
}

static const int32_t *labels_of(const nem_ffv1_slice *slice, int y, const int32_t *labels, ptrdiff_t stride) {
  return labels + (slice->y + y) * stride + slice->x;
}

int nem_ffv1_blank_rows(const nem_ffv1_slice *slice, const int32_t *labels, ptrdiff_t stride) {
  int y = 0;
  while (y < slice->height && is_blank(labels_of(slice, y, labels, stride), slice->width)) y++;
  return y;
}

// The rows from `first` on; those above are blank. `lines` are two rows of zeros, with room for an edge on both sides.
static void put_rows(label_coder *c, const nem_ffv1_slice *slice, int first, const int32_t *labels, ptrdiff_t stride,
                     int16_t *lines[2]) {
  const int width = slice->width;
  bool was_blank = true;
  for (int y = first; y < slice->height; y++) {
    int16_t *row = lines[y & 1] + EDGE, *above = lines[~y & 1] + EDGE;
    const int32_t *source = labels_of(slice, y, labels, stride);
    const bool blank = is_blank(source, width);
    if (blank) {
      memset(row, 0, (size_t)width * sizeof row[0]);
    } else {
      take_row(source, width, row);
    }
    // Section 3.1: left of a row stands the first pixel of the row above, right of it its own last.
    row[-1] = above[0];
    above[width] = above[width - 1];
    if (blank && was_blank && above[-1] == 0) {
      put_expected(c, width);
    } else {
      put_row(c, row, above, width);
    }
    was_blank = blank;
  }
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
  int16_t even[width + 2 * EDGE], odd[width + 2 * EDGE], *lines[2] = {even, odd};
  memset(even, 0, sizeof even);
  memset(odd, 0, sizeof odd);
  put_expected(&coder, blank_rows * width);
  put_rows(&coder, slice, blank_rows, labels, stride, lines);
  finish(&coder.range);
  return (size_t)(coder.range.next - out);
}
