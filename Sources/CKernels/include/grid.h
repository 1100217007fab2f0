#ifndef NEM_STREAM_GRID_H
#define NEM_STREAM_GRID_H

#include <stddef.h>
#include <stdint.h>

// Writes the sum of `rows` bytes in each of `columns` columns; a row begins `stride` bytes after the last. Below 2²⁴ rows.
// `level` as in nem_gmm_update.
void nem_sum_rows(const uint8_t *source, size_t stride, size_t rows, size_t columns, uint32_t *sums, int level);

#endif
