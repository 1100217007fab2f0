#ifndef NEM_STREAM_EXPECTATION_H
#define NEM_STREAM_EXPECTATION_H

#include <stddef.h>
#include <stdint.h>

// The E-step of the tracker. `level` as in nem_gmm_update: the results are the same bits.

// The cells of a slot's window that lie in the picture. Planes of the window and of the picture are given from their
// beginning; the first cell is number `first` of the one and `cell` of the other.
typedef struct {
  size_t first, pitch;
  size_t cell, width;
  int rows, columns;
} nem_window;

// Sums over the cells; those of psi count where it is above `least`.
typedef struct {
  float mass;     // of psi
  float seen;     // of min(psi, x · gamma) where gamma is above one half
  float evidence; // of x · gamma
  float squares;  // of x · gamma²
} nem_window_sums;

// psi = the template of columns × rows cells drawn ax, ay cells to the right and down, bilinear and kept within
// floor…1 − floor; psi has one row and one column more.
void nem_draw(const float *predicted, int columns, int rows, float ax, float ay, float floor, float *psi, int level);

// What the colours of the cells say for a slot: weight · (sum of `ratios` over the cell's bins, within ±clip) where x is
// above 0, and 0 elsewhere. `bins` has `channels` planes of `cells`.
void nem_weigh_colours(nem_window window, const float *x, const uint8_t *bins, int channels, size_t cells,
                       const float *ratios, float weight, float clip, float *bonus, int level);

// First half: gamma = exp(l + share · (mean of l over 3×3 cells − l)) with l = log psi + bonus, also added to `total`.
// `bonus` and `sums` are overwritten.
void nem_weigh(nem_window window, const float *psi, float *bonus, float *sums, float *gamma, float share, float *total,
               int level);

// Second half: gamma becomes gamma / (total + background), and x · gamma is added to `owned`.
void nem_normalise(nem_window window, const float *psi, float *gamma, const float *x, const float *total, float *owned,
                   float background, float least, nem_window_sums *sums, int level);

// The sum of psi, where above `least`, times what others own there.
void nem_cover(nem_window window, const float *psi, const float *gamma, const float *x, const float *owned, float least,
               float *sum, int level);

#endif
