#ifndef NEM_STREAM_MOTION_H
#define NEM_STREAM_MOTION_H

#include <stddef.h>
#include <stdint.h>

// Finding and undoing the shift between two pictures. `level` as in nem_gmm_update, in all of them: the same bits.

// Means of factor × factor values times `scale`: target[r · columns + c] starts at column c · factor of row r · factor.
// factor 1…2048.
void nem_reduce_bytes(const uint8_t *source, size_t stride, int factor, int columns, int rows, float scale,
                      float *target, int level);
void nem_reduce_words(const uint16_t *source, size_t stride, int factor, int columns, int rows, float scale,
                      float *target, int level);

// The normal equations of one Gauss-Newton step: sums over the pixels where both pictures have neighbours of products of
// the background's slopes (across, down) and r, the frame moved back minus the background. Each pixel counts
// k = 1/(1 + (r/tolerance)²)², after Geman & McClure; `explained` is the sum of k, `pixels` their number.
typedef struct {
  float across_across, across_down, down_down, across_residual, down_residual, explained, pixels;
} nem_motion_sums;

// Compares `frame` at (x + dx, y + dy) with `background` at (x, y); both are width × height.
nem_motion_sums nem_motion_compare(const float *background, const float *frame, int width, int height, float dx,
                                   float dy, float tolerance, int level);

// Writes the picture as seen `dx`, `dy` sixteenths of a pixel to the right and below: bilinear, rounded to the nearest.
// The border is repeated.
void nem_shift(const uint8_t *source, size_t stride, int width, int height, int dx, int dy, uint8_t *target, int level);

#endif
