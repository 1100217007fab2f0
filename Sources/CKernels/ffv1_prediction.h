#ifndef NEM_STREAM_FFV1_PREDICTION_H
#define NEM_STREAM_FFV1_PREDICTION_H

// What FFV1 expects of a pixel from its neighbours (RFC 9043, sections 3.3 to 3.5), with three context inputs.

#include <stdint.h>

enum { FFV1_CONTEXTS = (11 * 11 * 11 + 1) / 2 };

typedef struct {
  int context, residual;
} ffv1_prediction;

static inline int median(int a, int b, int c) {
  const int low = a < b ? a : b, high = a < b ? b : a;
  return c < low ? low : c > high ? high : c;
}

// The residual is not wrapped to the pixel's bits yet. `quantised` is section 4.1's table of a gradient's low byte.
static inline ffv1_prediction predict(const int8_t quantised[256], int left, int above_left, int above, int above_right,
                                      int pixel) {
  const int context = quantised[(uint8_t)(left - above_left)] + 11 * quantised[(uint8_t)(above_left - above)]
                    + 121 * quantised[(uint8_t)(above - above_right)];
  const int residual = pixel - median(left, above, left + above - above_left);
  // A mirrored context mirrors the residual.
  return context < 0 ? (ffv1_prediction){-context, -residual} : (ffv1_prediction){context, residual};
}

#endif
