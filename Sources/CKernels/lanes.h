#ifndef NEM_STREAM_LANES_H
#define NEM_STREAM_LANES_H

#include "dispatch.h"

// Sums are kept in this many parts, whatever the processor's vectors hold, so that they round alike everywhere.
enum { LANES = 16 };

ALWAYS_INLINE float lane_sum(const float lanes[LANES]) {
  float sum = 0.0f;
  for (int l = 0; l < LANES; l++) sum += lanes[l];
  return sum;
}

#endif
