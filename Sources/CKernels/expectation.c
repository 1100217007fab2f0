#include "expectation.h"

#include "fast_math.h"
#include "lanes.h"

ALWAYS_INLINE void draw(const float *predicted, int columns, int rows, float ax, float ay, float floor,
                        float *restrict psi) {
  for (int r = 0; r <= rows; r++) {
    const float *lower = predicted + (size_t)r * (size_t)columns, *upper = lower - columns;
    float *out = psi + (size_t)r * (size_t)(columns + 1);
    for (int c = 0; c <= columns; c++) {
      const int left = c > 0, right = c < columns, above = r > 0, below = r < rows;
      const float a = (left & above ? upper[c - 1] : 0) * ax + (right & above ? upper[c] : 0) * (1 - ax);
      const float b = (left & below ? lower[c - 1] : 0) * ax + (right & below ? lower[c] : 0) * (1 - ax);
      const float value = a * ay + b * (1 - ay), least = value > floor ? value : floor;
      out[c] = least < 1 - floor ? least : 1 - floor;
    }
  }
}

ALWAYS_INLINE void weigh_colours(const nem_window w, const float *x, const uint8_t *bins, int channels, size_t cells,
                                 const float *ratios, float weight, float clip, float *restrict bonus) {
  for (int r = 0; r < w.rows; r++) {
    const size_t cell = w.cell + (size_t)r * w.width;
    const uint8_t *first = bins + cell, *second = first + cells, *third = second + cells;
    float *out = bonus + w.first + (size_t)r * w.pitch;
    for (int c = 0; c < w.columns; c++) {
      float sum = ratios[first[c]];
      if (channels == 3) sum += ratios[second[c]] + ratios[third[c]];
      const float above = sum > -clip ? sum : -clip, within = above < clip ? above : clip;
      out[c] = x[cell + (size_t)c] > 0 ? weight * within : 0;
    }
  }
}

ALWAYS_INLINE void weigh(const nem_window w, const float *psi, float *restrict logs, float *restrict sums,
                         float *restrict gamma, float share, float *restrict total) {
  const size_t rows = (size_t)w.rows, columns = (size_t)w.columns, pitch = w.pitch;
  for (size_t r = 0; r < rows; r++) {
    const float *prior = psi + w.first + r * pitch;
    float *line = logs + w.first + r * pitch, *sum = sums + w.first + r * pitch;
    for (size_t c = 0; c < columns; c++) line[c] += logarithm(prior[c]);
    if (columns == 1) {
      sum[0] = line[0];
      continue;
    }
    sum[0] = (line[0] + line[1]) * 0.5f;
    for (size_t c = 1; c + 1 < columns; c++) sum[c] = (line[c - 1] + line[c] + line[c + 1]) / 3.0f;
    sum[columns - 1] = (line[columns - 2] + line[columns - 1]) * 0.5f;
  }
  for (size_t r = 0; r < rows; r++) {
    const float *line = logs + w.first + r * pitch, *here = sums + w.first + r * pitch;
    // A row beyond the border counts nothing.
    const float upper = r > 0 ? 1.0f : 0.0f, lower = r + 1 < rows ? 1.0f : 0.0f, counted = 1.0f + upper + lower;
    const float *above = r > 0 ? here - pitch : here, *below = r + 1 < rows ? here + pitch : here;
    float *out = gamma + w.first + r * pitch, *sum = total + w.cell + r * w.width;
    for (size_t c = 0; c < columns; c++) {
      const float mean = (upper * above[c] + here[c] + lower * below[c]) / counted;
      out[c] = exponential(line[c] + share * (mean - line[c]));
      sum[c] += out[c];
    }
  }
}

typedef struct {
  float mass[LANES], seen[LANES], evidence[LANES], squares[LANES];
} window_parts;

ALWAYS_INLINE void normalise_part(int count, const float *psi, float *restrict gamma, const float *x,
                                  const float *total, float *restrict owned, float background, float least,
                                  window_parts *parts) {
  for (int i = 0; i < count; i++) {
    const float posterior = gamma[i] / (total[i] + background), own = x[i] * posterior;
    gamma[i] = posterior;
    owned[i] += own;
    const float counted = psi[i] > least ? psi[i] : 0, visible = counted < own ? counted : own;
    parts->mass[i] += counted;
    // Under another object the prior alone leaves a share to each: only a majority is sight.
    parts->seen[i] += posterior > 0.5f ? visible : 0;
    parts->evidence[i] += own;
    parts->squares[i] += own * posterior;
  }
}

ALWAYS_INLINE void normalise(const nem_window w, const float *psi, float *gamma, const float *x, const float *total,
                             float *owned, float background, float least, nem_window_sums *sums) {
  window_parts parts = {{0}};
  for (int r = 0; r < w.rows; r++) {
    for (int c = 0; c < w.columns; c += LANES) {
      const size_t i = w.first + (size_t)r * w.pitch + (size_t)c, j = w.cell + (size_t)r * w.width + (size_t)c;
      // A constant number becomes one vector operation.
      if (c + LANES <= w.columns) {
        normalise_part(LANES, psi + i, gamma + i, x + j, total + j, owned + j, background, least, &parts);
      } else {
        normalise_part(w.columns - c, psi + i, gamma + i, x + j, total + j, owned + j, background, least, &parts);
      }
    }
  }
  *sums = (nem_window_sums){lane_sum(parts.mass), lane_sum(parts.seen), lane_sum(parts.evidence),
                            lane_sum(parts.squares)};
}

ALWAYS_INLINE void cover_part(int count, const float *psi, const float *gamma, const float *x, const float *owned,
                              float least, float *restrict parts) {
  for (int i = 0; i < count; i++) {
    const float others = owned[i] - x[i] * gamma[i], theirs = others > 0 ? others : 0;
    parts[i] += psi[i] > least ? psi[i] * theirs : 0;
  }
}

ALWAYS_INLINE void cover(const nem_window w, const float *psi, const float *gamma, const float *x, const float *owned,
                         float least, float *sum) {
  float parts[LANES] = {0};
  for (int r = 0; r < w.rows; r++) {
    for (int c = 0; c < w.columns; c += LANES) {
      const size_t i = w.first + (size_t)r * w.pitch + (size_t)c, j = w.cell + (size_t)r * w.width + (size_t)c;
      if (c + LANES <= w.columns) {
        cover_part(LANES, psi + i, gamma + i, x + j, owned + j, least, parts);
      } else {
        cover_part(w.columns - c, psi + i, gamma + i, x + j, owned + j, least, parts);
      }
    }
  }
  *sum = lane_sum(parts);
}

#define VARIANTS(suffix, attribute)                                                                                    \
  attribute static void draw_##suffix(const float *predicted, int columns, int rows, float ax, float ay, float floor,  \
                                      float *psi) {                                                                    \
    draw(predicted, columns, rows, ax, ay, floor, psi);                                                                \
  }                                                                                                                    \
  attribute static void weigh_colours_##suffix(nem_window w, const float *x, const uint8_t *bins, int channels,        \
                                               size_t cells, const float *ratios, float weight, float clip,            \
                                               float *bonus) {                                                         \
    weigh_colours(w, x, bins, channels, cells, ratios, weight, clip, bonus);                                           \
  }                                                                                                                    \
  attribute static void weigh_##suffix(nem_window w, const float *psi, float *bonus, float *sums, float *gamma,        \
                                       float share, float *total) {                                                    \
    weigh(w, psi, bonus, sums, gamma, share, total);                                                                   \
  }                                                                                                                    \
  attribute static void normalise_##suffix(nem_window w, const float *psi, float *gamma, const float *x,               \
                                           const float *total, float *owned, float background, float least,            \
                                           nem_window_sums *sums) {                                                    \
    normalise(w, psi, gamma, x, total, owned, background, least, sums);                                                \
  }                                                                                                                    \
  attribute static void cover_##suffix(nem_window w, const float *psi, const float *gamma, const float *x,             \
                                       const float *owned, float least, float *sum) {                                  \
    cover(w, psi, gamma, x, owned, least, sum);                                                                        \
  }

VARIANTS(baseline, )
#if __x86_64__
VARIANTS(v3, NEM_TARGET_V3)
VARIANTS(v4, NEM_TARGET_V4)
#endif

void nem_draw(const float *predicted, int columns, int rows, float ax, float ay, float floor, float *psi, int level) {
  DISPATCH(draw, predicted, columns, rows, ax, ay, floor, psi);
}

void nem_weigh_colours(nem_window w, const float *x, const uint8_t *bins, int channels, size_t cells,
                       const float *ratios, float weight, float clip, float *bonus, int level) {
  DISPATCH(weigh_colours, w, x, bins, channels, cells, ratios, weight, clip, bonus);
}

void nem_weigh(nem_window w, const float *psi, float *bonus, float *sums, float *gamma, float share, float *total,
               int level) {
  DISPATCH(weigh, w, psi, bonus, sums, gamma, share, total);
}

void nem_normalise(nem_window w, const float *psi, float *gamma, const float *x, const float *total, float *owned,
                   float background, float least, nem_window_sums *sums, int level) {
  DISPATCH(normalise, w, psi, gamma, x, total, owned, background, least, sums);
}

void nem_cover(nem_window w, const float *psi, const float *gamma, const float *x, const float *owned, float least,
               float *sum, int level) {
  DISPATCH(cover, w, psi, gamma, x, owned, least, sum);
}
