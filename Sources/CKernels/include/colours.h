#ifndef NEM_STREAM_COLOURS_H
#define NEM_STREAM_COLOURS_H

#include <stddef.h>
#include <stdint.h>

// Luma and chroma become red, green and blue, in units of 1/65536: luma less `black`, times `gain`, and what red's and
// blue's differences from 128 add.
typedef struct {
  int32_t black, gain;
  int32_t red, green_of_red, green_of_blue, blue;
} nem_colour_matrix;

// A row of a picture from its first pixel. Of chroma, one value stands for 2^shift pixels; none is gray.
typedef struct {
  const uint8_t *luma, *blue, *red;
  int shift;
} nem_colour_row;

// The pixels left..<left + width of number `id`, in red, green, blue and 255, as differences from the pixel on the left;
// all others, and those left of the range, are 0. `level` as in nem_gmm_update.
void nem_cut_row(const nem_colour_row *row, const nem_colour_matrix *matrix, const int32_t *labels, int32_t id, int left,
                 int width, uint8_t *differences, int level);

#endif
