#ifndef NEM_STREAM_FFV1_LABELS_H
#define NEM_STREAM_FFV1_LABELS_H

#include <stddef.h>
#include <stdint.h>

// One of the equal rectangles that a frame is divided into, and its place in that grid.
typedef struct {
  int x, y, width, height;
  int column, row;
} nem_ffv1_slice;

// How many rows of a slice, from the top, have no label at all.
int nem_ffv1_blank_rows(const nem_ffv1_slice *slice, const int32_t *labels, ptrdiff_t stride);

// One FFV1 slice of 16-bit gray (RFC 9043, sections 3.8.1 and 4), header and pixels, without its trailer: range coder
// with the alternative state transitions, three context inputs, contexts reset per frame. `labels` is the whole picture,
// with rows of `stride` values; those outside 1..65535 count as 0, and the first `blank_rows` rows of the slice are not
// looked at. Returns the number of bytes written, or 0 if `capacity` does not hold them: nem_ffv1_label_capacity() does.
size_t nem_ffv1_encode_labels(const nem_ffv1_slice *slice, int blank_rows, const int32_t *labels, ptrdiff_t stride,
                              uint8_t *out, size_t capacity);

// A size of output that no slice of this size exceeds.
size_t nem_ffv1_label_capacity(int width, int height);

#endif
