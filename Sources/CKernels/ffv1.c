#include "ffv1.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "ffv1_prediction.h"
#include "ffv1_residuals.h"

enum { MAX_PIXEL_BYTES = 4, MAX_ROW_BYTES = 16 };
enum { CACHE_LINE = 64, ROWS_AHEAD = 4 };

// RFC 9043, section 3.8.2.2.1: log2 of the run that one bit stands for.
static const uint8_t log2_run[41] = {
  0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  16, 17, 18, 19, 20, 21, 22, 23, 24,
};

typedef struct {
  bit_writer writer;
  int run_index;
  int run_count;
  bool in_run;
  int left;        // L
  int above_left;  // T's left neighbour
  adaptive_state states[FFV1_CONTEXTS];
} plane_coder;

// Section 4.1's quantisation of a gradient, as libavcodec's 8-bit context model 0 sets it in the configuration record.
static const int8_t quantised[256] = {
  [1] = 1, [2 ... 4] = 2, [5 ... 11] = 3, [12 ... 34] = 4, [35 ... 127] = 5,
  [128 ... 221] = -5, [222 ... 244] = -4, [245 ... 251] = -3, [252 ... 254] = -2, [255] = -1,
};

// Section 3.8.2.2: one bit for each full stretch of the run.
static inline void put_full_stretches(plane_coder *c) {
  while (c->run_count >= 1 << log2_run[c->run_index]) {
    c->run_count -= 1 << log2_run[c->run_index];
    c->run_index++;
    put(&c->writer, 1, 1);
  }
}

static inline void end_run(plane_coder *c) {
  put_full_stretches(c);
  put(&c->writer, 1 + log2_run[c->run_index], (uint32_t)c->run_count);
  if (c->run_index) c->run_index--;
  c->run_count = 0;
  c->in_run = false;
}

static inline void end_row(plane_coder *c) {
  if (c->in_run) {
    put_full_stretches(c);
    if (c->run_count) put(&c->writer, 1, 1);
  }
  c->run_count = 0;
  c->in_run = false;
}

static inline void add_run(plane_coder *c, int count) {
  if (count <= 0) return;
  c->run_count += count;
  c->in_run = true;
}

static inline void code_pixel(plane_coder *c, int pixel, int above, int above_right) {
  const ffv1_prediction expected = predict(quantised, c->left, c->above_left, above, above_right, pixel);
  int residual = (int8_t)expected.residual;
  c->left = pixel;
  c->above_left = above;
  if (expected.context == 0) c->in_run = true;
  if (c->in_run) {
    if (residual == 0) {
      c->run_count++;
      return;
    }
    end_run(c);
    if (residual > 0) residual--;  // a run never ends in 0
  }
  put_residual(&c->writer, &c->states[expected.context], residual);
}

// The place in memory of the first byte that is not zero.
static inline int first_byte(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return __builtin_ctzll(word) / 8;
#else
  return __builtin_clzll(word) / 8;
#endif
}

static inline uint64_t load(const uint8_t *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

// A vector type, because the compiler makes a branch of each word otherwise.
typedef uint64_t words __attribute__((vector_size(64)));

static inline bool all_equal(const uint8_t *row, const uint8_t *above, uint64_t expected) {
  words a, b, e;
  memcpy(&a, row, sizeof a);
  memcpy(&b, above, sizeof b);
  for (int i = 0; i < 8; i++) e[i] = expected;
  const words different = (a ^ e) | (b ^ e);
  return !__builtin_reduce_or(different);
}

// How many of the pixels from..<to hold `value` in both rows, or a little fewer just before `to`.
static inline int equal_columns(const uint8_t *row, const uint8_t *above, int from, int to, uint8_t value) {
  const uint64_t expected = value * 0x0101010101010101u;
  int x = from;
  for (int tried = 0; x + 8 <= to; x += 8) {
    const uint64_t different = (load(row + x) ^ expected) | (load(above + x) ^ expected);
    if (different) return x - from + first_byte(different);
    // Long runs go in wide strides; short ones do not try any.
    if (tried++) continue;
    while (x + 8 + (int)sizeof(words) <= to && all_equal(row + x + 8, above + x + 8, expected)) x += sizeof(words);
  }
  return x - from;
}

// Codes columns from..<to of one row; `above` is null over the first row. Where the last pixel, the row above and the
// new pixels share one value, they continue or open a run.
static void code_columns(plane_coder *c, const uint8_t *row, const uint8_t *above, int width, int from, int to) {
  int x = from;
  while (x < to) {
    if (!above) {
      code_pixel(c, row[x++], 0, 0);
      continue;
    }
    if (c->above_left == c->left) {
      int count = equal_columns(row, above, x, to, (uint8_t)c->left);
      // A single one does not open a run: its right neighbour above has another value.
      if (count > 1 || c->in_run) {
        add_run(c, count);
        x += count;
        if (x == to) break;
      }
    }
    code_pixel(c, row[x], above[x], above[x + 1 < width ? x + 1 : x]);
    x++;
  }
}

static void code_row(plane_coder *c, const uint8_t *pixels, ptrdiff_t stride, int y, int width, int x0, int x1) {
  const uint8_t *row = pixels + y * stride;
  const uint8_t *above = y > 0 ? row - stride : NULL;
  // A slice's rows are too short for the processor to see that they follow each other.
  for (int x = x0; x < x1; x += CACHE_LINE) __builtin_prefetch(row + ROWS_AHEAD * stride + x);
  int from = x0 > 1 ? x0 - 1 : 0;
  int to = x1 + 1 < width ? x1 + 1 : width;
  // Section 3.1: left of a row stands the first pixel of the row above; the corner above that is two rows up.
  c->left = y > 0 ? above[0] : 0;
  c->above_left = y > 1 ? *(above - stride) : 0;
  add_run(c, from);
  code_columns(c, row, above, width, from, to);
  add_run(c, width - to);
  end_row(c);
}

size_t nem_ffv1_capacity(int height, int x0, int y0, int x1, int y1) {
  return ((size_t)(x1 - x0) + 2) * ((size_t)(y1 - y0) + 2) * MAX_PIXEL_BYTES + (size_t)height * MAX_ROW_BYTES
       + FFV1_SPARE_BYTES;
}

size_t nem_ffv1_encode_plane(const uint8_t *pixels, ptrdiff_t stride, int width, int height,
                             int x0, int y0, int x1, int y1, uint8_t *out, size_t capacity) {
  if (capacity < nem_ffv1_capacity(height, x0, y0, x1, y1)) return 0;
  plane_coder coder = {.writer = {.next = out}};
  for (int i = 0; i < FFV1_CONTEXTS; i++) coder.states[i] = (adaptive_state){.error_sum = 4, .count = 1};
  for (int y = 0; y < height; y++) {
    // The row below the box sees it from above, and the first column of the row after that through the border.
    if (x0 < x1 && y >= y0 && y < y1 + 2) {
      code_row(&coder, pixels, stride, y, width, x0, x1);
    } else {
      add_run(&coder, width);
      end_row(&coder);
    }
  }
  if (coder.writer.filled) put(&coder.writer, 8 - coder.writer.filled, 0);
  return (size_t)(coder.writer.next - out);
}
