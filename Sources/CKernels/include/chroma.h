#ifndef NEM_STREAM_CHROMA_H
#define NEM_STREAM_CHROMA_H

#include <stddef.h>
#include <stdint.h>

// One row of colour planes and what was learned of it; colours are differences from gray in 64ths.
typedef struct {
  const uint8_t *cb, *cr;
  int16_t *mean_cb, *mean_cr;
  uint16_t *deviation;  // mean distance from the means
  int32_t gain;         // factor on the colours in 256ths
} nem_chroma_row;

// Writes the evidence of being foreground: 128 at the distance that counts as another colour, `reach` or four deviations,
// whichever is more. A colour that is paler than the mean by up to `paleness` (64ths) of it has no distance: it may be in shadow.
void nem_chroma_compare(const nem_chroma_row *row, int reach, int paleness, uint8_t *evidence, size_t count, int level);

// Adds a row of a mask of the colours to rows of a mask of the picture, `width` bytes each and `rows` rows in all: 255 at a
// column is 255 at the 2^shift_x columns of each row that it lies over.
void nem_chroma_add(const uint8_t *found, size_t count, int shift_x, uint8_t *mask, size_t width, int rows, int level);

// Moves means and deviations by 1/2^shift towards the row where `learns` is not 0.
void nem_chroma_learn(const nem_chroma_row *row, const uint8_t *learns, int shift, size_t count, int level);

#endif
