#ifndef NEM_STREAM_SHADOW_H
#define NEM_STREAM_SHADOW_H

#include <stddef.h>
#include <stdint.h>

// Cast shadows and reflections in a foreground mask: there the frame is the background times a factor that changes
// little from pixel to pixel. Work is done in runs of tiles that hold foreground.
enum {
  NEM_SHADOW_TILE = 8,   // pixels on a tile's side
  NEM_SHADOW_BINS = 26,  // of the log-ratio, from NEM_SHADOW_LOWEST up to 0
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

// How many pixels of each tile have the value 255; `counts` has one entry per tile, row by row.
void nem_tile_counts(const uint8_t *mask, int width, int height, uint8_t *counts, int level);

// Writes 0 at pixels of the run that cannot be shadow, else 1 + the bin of their log-ratio, which is also counted.
void nem_shadow_kinds(const nem_shadow_frame *frame, const uint8_t *mask, nem_shadow_run run, uint8_t *kinds,
                      uint32_t counts[NEM_SHADOW_BINS], int level);

// One vote per pixel of the run: 1 for foreground whose kind is shadow, -1 for other foreground, 0 elsewhere.
// `is_shadow` is indexed by kind.
void nem_shadow_votes(const uint8_t *mask, const uint8_t *kinds, int width, const uint8_t *is_shadow, nem_shadow_run run,
                      int8_t *votes, int level);

// Foreground of the run becomes 127 where the votes of the square around it are in favour of shadow.
void nem_shadow_elect(const int8_t *votes, int width, int height, nem_shadow_run run, uint8_t *mask, int level);

#endif
