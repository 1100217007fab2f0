#ifndef NEM_STREAM_FFV1_H
#define NEM_STREAM_FFV1_H

#include <stddef.h>
#include <stdint.h>

// The Golomb-Rice payload of one FFV1 slice plane (RFC 9043, sections 3.3 to 3.8), specialised to masks: 8 bits, three
// context inputs, contexts reset per frame. Pixels outside the box x0..<x1, y0..<y1 must be zero; the cost follows the box.
// Returns the number of bytes written, or 0 if `capacity` does not hold them: nem_ffv1_capacity() always does.
size_t nem_ffv1_encode_plane(const uint8_t *pixels, ptrdiff_t stride, int width, int height,
                             int x0, int y0, int x1, int y1, uint8_t *out, size_t capacity);

// A size of output that no plane with this box exceeds.
size_t nem_ffv1_capacity(int height, int x0, int y0, int x1, int y1);

#endif
