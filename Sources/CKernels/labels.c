#include "labels.h"

#include <limits.h>

#include "dispatch.h"

enum { NONE = INT_MIN, CACHE_LINE = 64 };

// An object's rows are too short for the processor to see that they follow each other.
ALWAYS_INLINE void fetch(const void *memory, size_t bytes) {
  for (size_t i = 0; i < bytes + CACHE_LINE - 1; i += CACHE_LINE) __builtin_prefetch((const char *)memory + i);
}

// Least and greatest number other than 0 of three; INT_MAX and NONE stand for none.
ALWAYS_INLINE int32_t least_of(int32_t a, int32_t b, int32_t c) {
  const int32_t x = a != 0 ? a : INT_MAX, y = b != 0 ? b : INT_MAX, z = c != 0 ? c : INT_MAX, low = x < y ? x : y;
  return low < z ? low : z;
}

ALWAYS_INLINE int32_t greatest_of(int32_t a, int32_t b, int32_t c) {
  const int32_t x = a != 0 ? a : NONE, y = b != 0 ? b : NONE, z = c != 0 ? c : NONE, high = x > y ? x : y;
  return high > z ? high : z;
}

ALWAYS_INLINE int spread_row(const int32_t *grid, int width, int height, int y, int32_t *restrict least,
                             int32_t *restrict greatest, int32_t *restrict spread) {
  const int32_t *middle = grid + y * width;
  const int32_t *above = y > 0 ? middle - width : middle, *below = y + 1 < height ? middle + width : middle;
  // One column more on both sides holds nothing.
  least[0] = least[width + 1] = INT_MAX;
  greatest[0] = greatest[width + 1] = NONE;
  for (int x = 0; x < width; x++) {
    least[x + 1] = least_of(above[x], middle[x], below[x]);
    greatest[x + 1] = greatest_of(above[x], middle[x], below[x]);
  }
  int disputed = 0;
  for (int x = 0; x < width; x++) {
    int32_t low = least[x] < least[x + 1] ? least[x] : least[x + 1], high = greatest[x];
    low = least[x + 2] < low ? least[x + 2] : low;
    high = greatest[x + 1] > high ? greatest[x + 1] : high;
    high = greatest[x + 2] > high ? greatest[x + 2] : high;
    const int32_t own = middle[x], shared = low == high ? low : NEM_DISPUTED;
    const int32_t taken = high == NONE ? 0 : shared;
    spread[x] = own != 0 ? own : taken;
    disputed += spread[x] == NEM_DISPUTED;
  }
  return disputed;
}

ALWAYS_INLINE void spread_all(const int32_t *grid, int width, int height, int32_t *scratch, int32_t *spread,
                              int *disputed) {
  *disputed = 0;
  for (int y = 0; y < height; y++)
    *disputed += spread_row(grid, width, height, y, scratch, scratch + width + 2, spread + y * width);
}

ALWAYS_INLINE void number_run(const nem_label_grid g, int y, int first, int end, int32_t id, const uint8_t *foreground,
                              int32_t *pixels) {
  const int left = g.columns[first], count = g.columns[end] - left;
  for (int row = g.rows[y]; row < g.rows[y + 1]; row++) {
    const uint8_t *from = foreground + (size_t)row * (size_t)g.width + left;
    int32_t *to = pixels + (size_t)row * (size_t)g.width + left;
    for (int x = 0; x < count; x++) to[x] = from[x] == 255 ? id : 0;
  }
}

ALWAYS_INLINE void number(const nem_label_grid g, const int32_t *spread, const int32_t *last, const uint8_t *foreground,
                          int32_t *pixels) {
  for (int y = 0; y < g.grid_height; y++) {
    const int32_t *now = spread + y * g.grid_width, *before = last + y * g.grid_width;
    int x = 0;
    while (x < g.grid_width) {
      if (now[x] == 0 && before[x] == 0) {
        x++;
        continue;
      }
      const int start = x;
      while (x < g.grid_width && now[x] == now[start] && (now[x] != 0 || before[x] != 0)) x++;
      // No pixel is of number 0: what is left of the last frame goes.
      number_run(g, y, start, x, now[start], foreground, pixels);
    }
  }
}

ALWAYS_INLINE int32_t like(const int32_t *p, ptrdiff_t width, int32_t id) {
  return (p[-width - 1] == id) + (p[-width] == id) + (p[-width + 1] == id) + (p[-1] == id) + (p[1] == id)
       + (p[width - 1] == id) + (p[width] == id) + (p[width + 1] == id);
}

ALWAYS_INLINE size_t pinholes_of_row(const int32_t *row, int left, int right, int width, int32_t id, size_t found,
                                     nem_pinhole *holes, size_t capacity, size_t place) {
  int32_t any = 0;
  for (int x = left; x < right; x++) any |= (row[x] == 0) & (like(row + x, width, id) >= 5);
  if (!any) return found;
  for (int x = left; x < right; x++) {
    if (row[x] != 0 || like(row + x, width, id) < 5) continue;
    if (found < capacity) holes[found] = (nem_pinhole){.pixel = place + (size_t)x, .id = id};
    found++;
  }
  return found;
}

ALWAYS_INLINE void find_pinholes(const nem_label_grid g, const int32_t *grid, const int32_t *pixels, nem_pinhole *holes,
                                 size_t capacity, size_t *found) {
  *found = 0;
  for (int y = 0; y < g.grid_height; y++) {
    const int32_t *cells = grid + y * g.grid_width;
    for (int x = 0; x < g.grid_width;) {
      const int32_t id = cells[x];
      const int start = x;
      while (x < g.grid_width && cells[x] == id) x++;
      if (id == 0) continue;
      const int left = g.columns[start] > 1 ? g.columns[start] : 1;
      const int right = g.columns[x] < g.width - 1 ? g.columns[x] : g.width - 1;
      const int top = g.rows[y] > 1 ? g.rows[y] : 1;
      const int bottom = g.rows[y + 1] < g.height - 1 ? g.rows[y + 1] : g.height - 1;
      for (int row = top; row < bottom; row++) {
        const size_t place = (size_t)row * (size_t)g.width;
        *found = pinholes_of_row(pixels + place, left, right, g.width, id, *found, holes, capacity, place);
      }
    }
  }
}

ALWAYS_INLINE void measure(const int32_t *labels, size_t stride, int left, int top, int right, int bottom, int32_t id,
                           nem_label_sums *sums) {
  nem_label_sums s = {.left = INT_MAX, .top = INT_MAX, .right = -1, .bottom = -1};
  for (int y = top; y < bottom; y++) {
    const int32_t *row = labels + (size_t)y * stride;
    int32_t count = 0, columns = 0, first = INT_MAX, last = -1;
    for (int x = left; x < right; x++) {
      const int32_t own = row[x] == id, low = own ? x : INT_MAX, high = own ? x : -1;
      count += own;
      columns += own ? x - left : 0;
      first = low < first ? low : first;
      last = high > last ? high : last;
    }
    if (!count) continue;
    s.area += count;
    s.x += (int64_t)columns + (int64_t)left * count;
    s.y += (int64_t)y * count;
    s.left = first < s.left ? first : s.left;
    s.right = last > s.right ? last : s.right;
    s.top = y < s.top ? y : s.top;
    s.bottom = y;
  }
  *sums = s;
}

ALWAYS_INLINE void paint(const int32_t *labels, size_t stride, int width, int height, int32_t id, uint8_t *mask) {
  enum { AHEAD = 4 };
  for (int y = 0; y < height; y++, labels += stride, mask += stride) {
    if (y + AHEAD < height) fetch(labels + AHEAD * stride, (size_t)width * sizeof labels[0]);
    for (int x = 0; x < width; x++) mask[x] = labels[x] == id ? 255 : 0;
  }
}

#define VARIANTS(suffix, attribute)                                                                                    \
  attribute static void spread_##suffix(const int32_t *grid, int width, int height, int32_t *scratch, int32_t *spread, \
                                        int *disputed) {                                                               \
    spread_all(grid, width, height, scratch, spread, disputed);                                                        \
  }                                                                                                                    \
  attribute static void number_##suffix(const nem_label_grid *grid, const int32_t *spread, const int32_t *last,        \
                                        const uint8_t *foreground, int32_t *pixels) {                                  \
    number(*grid, spread, last, foreground, pixels);                                                                   \
  }                                                                                                                    \
  attribute static void pinholes_##suffix(const nem_label_grid *grid, const int32_t *cells, const int32_t *pixels,     \
                                          nem_pinhole *holes, size_t capacity, size_t *found) {                        \
    find_pinholes(*grid, cells, pixels, holes, capacity, found);                                                       \
  }                                                                                                                    \
  attribute static void measure_##suffix(const int32_t *labels, size_t stride, int left, int top, int right,           \
                                         int bottom, int32_t id, nem_label_sums *sums) {                               \
    measure(labels, stride, left, top, right, bottom, id, sums);                                                       \
  }                                                                                                                    \
  attribute static void paint_##suffix(const int32_t *labels, size_t stride, int width, int height, int32_t id,        \
                                       uint8_t *mask) {                                                                \
    paint(labels, stride, width, height, id, mask);                                                                    \
  }

VARIANTS(baseline, )
#if __x86_64__
VARIANTS(v3, NEM_TARGET_V3)
VARIANTS(v4, NEM_TARGET_V4)
#endif

void nem_spread_labels(const int32_t *grid, int width, int height, int32_t *scratch, int32_t *spread, int *disputed,
                       int level) {
  DISPATCH(spread, grid, width, height, scratch, spread, disputed);
}

void nem_number_pixels(const nem_label_grid *grid, const int32_t *spread, const int32_t *last,
                       const uint8_t *foreground, int32_t *pixels, int level) {
  DISPATCH(number, grid, spread, last, foreground, pixels);
}

void nem_find_pinholes(const nem_label_grid *grid, const int32_t *cells, const int32_t *pixels, nem_pinhole *holes,
                       size_t capacity, size_t *found, int level) {
  DISPATCH(pinholes, grid, cells, pixels, holes, capacity, found);
}

void nem_measure_label(const int32_t *labels, size_t stride, int left, int top, int right, int bottom, int32_t id,
                       nem_label_sums *sums, int level) {
  DISPATCH(measure, labels, stride, left, top, right, bottom, id, sums);
}

void nem_paint_label(const int32_t *labels, size_t stride, int width, int height, int32_t id, uint8_t *mask,
                     int level) {
  DISPATCH(paint, labels, stride, width, height, id, mask);
}
