#ifndef NEM_STREAM_TRACKER_H
#define NEM_STREAM_TRACKER_H

#include <stddef.h>

// The largest square of samples.
#define NEM_MAX_SIDE 64

// Bilinear samples of a plane, 0 outside it: out[(r · side + c) · step] is the value at column left + c · across and row
// top + r · down, for r and c below `side`, at most NEM_MAX_SIDE.
void nem_resample(const float *plane, size_t pitch, int columns, int rows, float left, float across, float top,
                  float down, int side, float *out, size_t step, int level);

// σ(logit m + residual) for each cell m of a template, `columns · rows` values: m is kept within floor…1 − floor and the
// residual, a bilinear sample of `side · side` values whose border is repeated, within ±limit; without one it is m itself.
void nem_predict_shape(const float *shape, int columns, int rows, const float *residuals, int side, float limit,
                       float floor, float *predicted, int level);

#endif
