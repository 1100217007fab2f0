#ifndef NEM_STREAM_LABELS_H
#define NEM_STREAM_LABELS_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

// Numbers of objects on the model's grid and in the picture. `level` as in nem_gmm_update.

// The number of a cell whose neighbours differ; no object has it.
#define NEM_DISPUTED INT_MIN

// A picture and the grid over it: cell x covers the pixels columns[x]..<columns[x + 1], rows likewise.
typedef struct {
  int width, height;
  int grid_width, grid_height;
  const int32_t *columns, *rows;
} nem_label_grid;

typedef struct {
  size_t pixel;
  int32_t id;
} nem_pinhole;

// Number of pixels, sums of their columns and rows, first and last column and row; right is -1 if there are none.
typedef struct {
  int64_t area, x, y;
  int32_t left, top, right, bottom;
} nem_label_sums;

// Each cell's number, or that which all numbered cells among its eight neighbours share: 0 if there are none,
// NEM_DISPUTED if they differ; counts the disputed ones. `scratch` is of 2 · (width + 2) values.
void nem_spread_labels(const int32_t *grid, int width, int height, int32_t *scratch, int32_t *spread, int *disputed,
                       int level);

// Gives the foreground's pixels (255) the number in `spread` of their cell and all others of the cell 0, in cells that
// have a number in `spread` or had one in `last`.
void nem_number_pixels(const nem_label_grid *grid, const int32_t *spread, const int32_t *last,
                       const uint8_t *foreground, int32_t *pixels, int level);

// Finds the pixels of number 0, off the picture's border, in numbered cells of whose eight neighbours at least five
// have the cell's number. Writes the first `capacity` of them and counts all.
void nem_find_pinholes(const nem_label_grid *grid, const int32_t *cells, const int32_t *pixels, nem_pinhole *holes,
                       size_t capacity, size_t *found, int level);

// Measures the pixels of number `id` in a rectangle of less than 65536 columns.
void nem_measure_label(const int32_t *labels, size_t stride, int left, int top, int right, int bottom, int32_t id,
                       nem_label_sums *sums, int level);

// 255 where a label is `id`, 0 elsewhere, in a rectangle of two pictures with rows of `stride` pixels.
void nem_paint_label(const int32_t *labels, size_t stride, int width, int height, int32_t id, uint8_t *mask,
                     int level);

#endif
