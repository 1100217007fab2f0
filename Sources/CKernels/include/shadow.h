#ifndef NEM_STREAM_SHADOW_H
#define NEM_STREAM_SHADOW_H

#include <stddef.h>
#include <stdint.h>

// Cast shadows and reflections in a foreground mask: there the frame is the background times a factor that changes
// little from pixel to pixel. Work is done in runs of tiles that hold foreground.
enum {
  NEM_SHADOW_TILE = 8,   // pixels on a tile's side
  NEM_SHADOW_BINS = 26,  // of the log-ratio, from NEM_SHADOW_LOWEST up to 0
  NEM_SHADOW_KINDS = 27, // a pixel's kind is 0 if it cannot be shadow, else 1 + its bin
  NEM_SHADOW_RADIUS = 4, // of the square in which pixels vote
};

// Logarithms are in units of 1/512. A 3 × 3 sum of log-ratios falls into bins of this width, about 0.05 for a mean.
#define NEM_SHADOW_BIN_WIDTH 231

typedef struct {
  const uint8_t *luma; // rows of `stride` bytes
  size_t stride;
  const uint16_t *mean; // background brightness · 256, rows of `width`
  int width, height;
  const int16_t *luma_logs; // logarithm by luma
  const int16_t *mean_logs; // logarithm by mean / 256
  int spread;               // log-ratios of a shadow vary less than this over 3 × 3 pixels (standard deviation)
} nem_shadow_frame;

// A rectangle of pixels, whole tiles but at the right and lower border; at most NEM_SHADOW_RUN columns.
#define NEM_SHADOW_RUN 512
typedef struct {
  int left, top, right, bottom;
} nem_shadow_run;

// How many pixels of each tile have the value 255; `counts` has one entry per tile, row by row. Rows begin `stride` bytes
// apart.
void nem_tile_counts(const uint8_t *mask, size_t stride, int width, int height, uint8_t *counts, int level);

// Writes the kinds of the run's pixels and adds the numbers of those that were of kind 0 to `counts`: NEM_SHADOW_KINDS for
// each of NEM_SHADOW_TILE columns of a tile, so that equal kinds side by side do not wait for each other; their sums count.
// NULL counts nothing.
void nem_shadow_kinds(const nem_shadow_frame *frame, const uint8_t *mask, nem_shadow_run run, uint8_t *kinds,
                      uint32_t *counts, int level);

// Foreground of the run becomes 127 where the square around it has more foreground whose kind is shadow than other
// foreground. Bit k of `shadows` says that kind k is shadow; kinds count where `mask`, rows of `width`, is not 0.
void nem_shadow_elect(const uint8_t *kinds, uint32_t shadows, int width, int height, nem_shadow_run run, uint8_t *mask,
                      int level);

// How many pixels of a whole tile are of a kind whose bit is set in `which`; `kinds` begins at the tile, rows of `width`.
int nem_shadow_count(const uint8_t *kinds, int width, uint32_t which);

#endif
