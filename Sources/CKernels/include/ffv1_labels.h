#ifndef NEM_STREAM_FFV1_LABELS_H
#define NEM_STREAM_FFV1_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One of the equal rectangles that a frame is divided into, and its place in that grid.
typedef struct {
  int x, y, width, height;
  int column, row;
} nem_ffv1_slice;

// One FFV1 slice of 16-bit gray (RFC 9043, sections 3.8.1 and 4), header and pixels, without its trailer: range coder with
// the alternative state transitions, three context inputs, contexts reset per frame. `labels` is the whole picture, with rows
// of `stride` values; those outside 1..65535 count as 0. Returns the number of bytes written, or 0 if `capacity` does not
// hold them: nem_ffv1_label_capacity() always does.
size_t nem_ffv1_encode_labels(const nem_ffv1_slice *slice, const int32_t *labels, ptrdiff_t stride, uint8_t *out,
                              size_t capacity);

// Whether a slice has no label at all; then it is encoded as one of zeros.
bool nem_ffv1_is_blank(const nem_ffv1_slice *slice, const int32_t *labels, ptrdiff_t stride);

// A size of output that no slice of this size exceeds.
size_t nem_ffv1_label_capacity(int width, int height);

#endif
