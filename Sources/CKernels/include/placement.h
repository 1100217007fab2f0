// Windows that are placed in pictures, and cut out of them, at positions of which only a belief is known: a probability
// for each place along x and along y, independently. Rows are [clip, slot].
//
// A window of side² pixels whose first column stands at place i lies at column i − pad of the picture; what sticks out
// is lost, or zero. Placing and cutting are each other's transpose, one axis after the other; strips lie in between.
#ifndef NEM_STREAM_PLACEMENT_H
#define NEM_STREAM_PLACEMENT_H

#include <stddef.h>

struct nem_placement {
  size_t rows, height, width, channels, side, pad;
};

// Places along an axis of `extent` pixels.
static inline size_t nem_places(size_t extent, size_t side, size_t pad) { return extent - side + 1 + 2 * pad; }

// pictures [rows, height, width, channels] = the expectation of windows [rows, side, side, channels] over the places;
// beliefs are [rows, places along x, then y], strips [rows, side, width, channels].
void nem_place(struct nem_placement shape, const float *beliefs, const float *windows, float *strips, float *pictures);

// Overwrites strip_gradient and window_gradient, adds to belief_gradient.
void nem_place_backward(struct nem_placement shape, const float *beliefs, const float *windows, const float *strips,
                        const float *picture_gradient, float *strip_gradient, float *window_gradient,
                        float *belief_gradient);

// windows = the expectation of what a window at the place would show of the picture.
void nem_cut(struct nem_placement shape, const float *beliefs, const float *pictures, float *strips, float *windows);

// Overwrites strip_gradient, adds to picture_gradient and belief_gradient.
void nem_cut_backward(struct nem_placement shape, const float *beliefs, const float *pictures, const float *strips,
                      const float *window_gradient, float *strip_gradient, float *picture_gradient,
                      float *belief_gradient);

#endif
