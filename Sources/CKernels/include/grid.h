#ifndef NEM_STREAM_GRID_H
#define NEM_STREAM_GRID_H

#include <stddef.h>
#include <stdint.h>

// The means, divided by 255, of one grid row's cells: cell x covers `rows` rows of the columns starts[x]..<starts[x + 1].
// Cells for which `where` is 0 get 0; a null `where` wants all. `sums` is of starts[width] values; below 2²⁴ rows. `level`
// as in nem_gmm_update.
void nem_average_row(const uint8_t *source, size_t stride, size_t rows, const int32_t *starts, int width,
                     const float *where, uint32_t *sums, float *out, int level);

#endif
