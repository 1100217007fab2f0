#include "gmm.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

int nem_cpu_level(void) {
#if __x86_64__
  if (__builtin_cpu_supports("x86-64-v4")) return 2;
  if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
  return 0;
}

// The frame's settings in the units of the stored fixed point: they differ from the documented ones by powers of two,
// so the results are those of the Swift twin.
typedef struct {
  float exposure, keep, rate, prune, match, background, initial, minimum, maximum, scale, shadow, dither;
  uint16_t *weights[NEM_GMM_MAX_COMPONENTS], *means[NEM_GMM_MAX_COMPONENTS], *variances[NEM_GMM_MAX_COMPONENTS];
} pass;

// Selections instead of branches, and a constant number of components `n`, so that the loop around it vectorises.
ALWAYS_INLINE void update_pixel(const pass p, const int n, const size_t i, const uint8_t luma, uint8_t *restrict evidence,
                                uint8_t *restrict shadow) {
  const float bright = (float)luma * p.exposure, x = bright < 255 * 256 ? bright : 255 * 256;
  float w[NEM_GMM_MAX_COMPONENTS], m[NEM_GMM_MAX_COMPONENTS], v[NEM_GMM_MAX_COMPONENTS];
  float d[NEM_GMM_MAX_COMPONENTS], q[NEM_GMM_MAX_COMPONENTS];
  int owner[NEM_GMM_MAX_COMPONENTS], owned = 0;
  float best = 0, best_mean = 0, best_variance = 1, heavier = 0, owner_weight = 1;
  for (int k = 0; k < n; k++) {
    w[k] = (float)p.weights[k][i];
    m[k] = (float)p.means[k][i];
    v[k] = (float)p.variances[k][i];
    d[k] = x - m[k];
    q[k] = d[k] * d[k] * (1 / 1024.0f);
    // The nearest background component, compared by cross products to save divisions. Empty ones have variance 0.
    const int nearer = k == 0 || ((heavier < p.background) & (q[k] * best_variance < best * v[k]));
    best = nearer ? q[k] : best;
    best_mean = nearer ? m[k] : best_mean;
    best_variance = nearer ? v[k] : best_variance;
    heavier += w[k];
    owner[k] = (q[k] < p.match * v[k]) & !owned;
    owned |= owner[k];
    float kept = w[k] * p.keep - p.prune;
    kept = kept > 0 ? kept : 0;
    w[k] = owner[k] ? kept + p.rate : kept;
    owner_weight = owner[k] ? w[k] : owner_weight;
  }
  float score = best / best_variance * p.scale;
  score = score < 255 ? score : 255;
  evidence[i] = (uint8_t)(int)score;
  if (shadow) shadow[i] = ((x < best_mean) & (x >= p.shadow * best_mean)) ? 255 : 0;

  float gain = p.rate / owner_weight;
  gain = gain < 1 ? gain : 1;
  for (int k = 0; k < n; k++) {
    float spread = v[k] + gain * (q[k] - v[k]);
    spread = spread > p.minimum ? spread : p.minimum;
    spread = spread < p.maximum ? spread : p.maximum;
    m[k] = owner[k] ? m[k] + gain * d[k] : m[k];
    v[k] = owner[k] ? spread : v[k];
  }
  // A value that nobody owns replaces the lightest component.
  w[n - 1] = owned ? w[n - 1] : p.rate;
  m[n - 1] = owned ? m[n - 1] : x;
  v[n - 1] = owned ? v[n - 1] : p.initial;
  // Only one component gained weight: one pass upwards sorts.
  for (int k = n - 1; k > 0; k--) {
    const int swap = w[k] > w[k - 1];
    const float tw = w[k], tm = m[k], tv = v[k];
    w[k] = swap ? w[k - 1] : tw;
    m[k] = swap ? m[k - 1] : tm;
    v[k] = swap ? v[k - 1] : tv;
    w[k - 1] = swap ? tw : w[k - 1];
    m[k - 1] = swap ? tm : m[k - 1];
    v[k - 1] = swap ? tv : v[k - 1];
  }
  float sum = w[0];
  for (int k = 1; k < n; k++) sum += w[k];
  const float normalise = 65535 / sum;
  for (int k = 0; k < n; k++) {
    p.weights[k][i] = (uint16_t)(int)(w[k] * normalise + p.dither);
    p.means[k][i] = (uint16_t)(int)(m[k] + p.dither);
    p.variances[k][i] = (uint16_t)(int)(v[k] + p.dither);
  }
}

// Two vectors at a time hide the divisions' latency, where there are registers enough for them.
ALWAYS_INLINE void update(const pass p, const int n, const int wide, const uint8_t *restrict luma,
                          uint8_t *restrict evidence, uint8_t *restrict shadow, size_t count) {
  if (wide) {
#pragma clang loop vectorize(assume_safety) interleave_count(2)
    for (size_t i = 0; i < count; i++) update_pixel(p, n, i, luma[i], evidence, shadow);
  } else {
#pragma clang loop vectorize(assume_safety) interleave_count(1)
    for (size_t i = 0; i < count; i++) update_pixel(p, n, i, luma[i], evidence, shadow);
  }
}

ALWAYS_INLINE void update_any(const nem_gmm_step *step, int components, const int wide, const nem_gmm_planes *planes,
                              const uint8_t *luma, uint8_t *evidence, uint8_t *shadow, size_t count) {
  pass p = {
      .exposure = step->gain * 256,
      .keep = 1 - step->rate,
      .rate = step->rate * 65536,
      .prune = step->prune * 65536,
      .match = step->match,
      .background = step->background_ratio * 65536,
      .initial = step->initial_variance * 64,
      .minimum = step->minimum_variance * 64,
      .maximum = step->maximum_variance * 64,
      .scale = step->evidence_scale,
      .shadow = step->shadow,
      .dither = step->dither,
  };
  for (int k = 0; k < components; k++) {
    p.weights[k] = planes->weight[k];
    p.means[k] = planes->mean[k];
    p.variances[k] = planes->variance[k];
  }
#define CASE(n)                                                                                                        \
  if (components == n)                                                                                                 \
    return shadow ? update(p, n, wide, luma, evidence, shadow, count) : update(p, n, wide, luma, evidence, NULL, count);
  CASE(1) CASE(2) CASE(3) CASE(4) CASE(5)
#undef CASE
}

enum { TILE = 1024, MAX_RADIUS = 7 };

ALWAYS_INLINE void smooth_rows(const uint8_t *evidence, int width, int height, int first_row, int end_row,
                               uint8_t *smooth) {
  uint16_t sums[TILE + 2];
  for (int y = first_row; y < end_row; y++) {
    const uint8_t *middle = evidence + (size_t)y * (size_t)width;
    const uint8_t *above = y > 0 ? middle - width : middle;
    const uint8_t *below = y + 1 < height ? middle + width : middle;
    for (int left = 0; left < width; left += TILE) {
      const int columns = width - left < TILE ? width - left : TILE;
      for (int x = 0; x < columns; x++)
        sums[x + 1] = (uint16_t)(above[left + x] + middle[left + x] + below[left + x]);
      const int before = left > 0 ? left - 1 : 0, after = left + columns < width ? left + columns : width - 1;
      sums[0] = (uint16_t)(above[before] + middle[before] + below[before]);
      sums[columns + 1] = (uint16_t)(above[after] + middle[after] + below[after]);
      uint8_t *restrict out = smooth + (size_t)y * (size_t)width + left;
      for (int x = 0; x < columns; x++) {
        const uint16_t sum = (uint16_t)(sums[x] + sums[x + 1] + sums[x + 2]);
        out[x] = (uint8_t)((uint32_t)sum * 7282 >> 16);  // sum / 9, exact for sums up to 9 · 255
      }
    }
  }
}

// Column counts slide down a tile of the picture; each output row adds them up sideways. Counts fit a byte: 15² < 256.
ALWAYS_INLINE void majority(const uint8_t *evidence, int width, int height, const int radius, uint8_t threshold,
                            int first_row, int end_row, uint8_t *mask) {
  uint8_t counts[TILE + 2 * MAX_RADIUS];
  const uint8_t half = (uint8_t)((2 * radius + 1) * (2 * radius + 1) / 2);
  for (int left = 0; left < width; left += TILE) {
    const int columns = width - left < TILE ? width - left : TILE;
    const int from = left < radius ? 0 : left - radius;
    const int to = left + columns + radius > width ? width : left + columns + radius;
    uint8_t *restrict inner = counts + (from - (left - radius));
    const int inside = to - from;
    for (int x = 0; x < inside; x++) inner[x] = 0;
    for (int y = first_row - radius; y < end_row + radius; y++) {
      const int entering = y < 0 ? 0 : y >= height ? height - 1 : y;
      const uint8_t *row = evidence + (size_t)entering * (size_t)width + from;
      for (int x = 0; x < inside; x++) inner[x] += row[x] >= threshold;
      const int centre = y - radius;
      if (centre < first_row) continue;
      for (int x = 0; x < from - (left - radius); x++) counts[x] = inner[0];
      for (int x = to; x < left + columns + radius; x++) counts[x - left + radius] = inner[inside - 1];
      uint8_t *restrict out = mask + (size_t)centre * (size_t)width + left;
      for (int x = 0; x < columns; x++) {
        uint8_t sum = 0;
        for (int dx = 0; dx <= 2 * radius; dx++) sum += counts[x + dx];
        out[x] = sum > half ? 255 : 0;
      }
      const int oldest = centre - radius < 0 ? 0 : centre - radius;
      row = evidence + (size_t)oldest * (size_t)width + from;
      for (int x = 0; x < inside; x++) inner[x] -= row[x] >= threshold;
    }
  }
}

ALWAYS_INLINE void majority_any(const uint8_t *evidence, int width, int height, int radius, uint8_t threshold,
                                int first_row, int end_row, uint8_t *mask) {
  switch (radius) {
  case 1: majority(evidence, width, height, 1, threshold, first_row, end_row, mask); break;
  case 2: majority(evidence, width, height, 2, threshold, first_row, end_row, mask); break;
  case 3: majority(evidence, width, height, 3, threshold, first_row, end_row, mask); break;
  default: majority(evidence, width, height, radius, threshold, first_row, end_row, mask); break;
  }
}

#define VARIANTS(suffix, wide, attribute)                                                                              \
  attribute static void update_##suffix(const nem_gmm_step *step, int components, const nem_gmm_planes *planes,        \
                                        const uint8_t *luma, uint8_t *evidence, uint8_t *shadow, size_t count) {       \
    update_any(step, components, wide, planes, luma, evidence, shadow, count);                                         \
  }                                                                                                                    \
  attribute static void smooth_##suffix(const uint8_t *evidence, int width, int height, int first_row, int end_row,    \
                                        uint8_t *smooth) {                                                             \
    smooth_rows(evidence, width, height, first_row, end_row, smooth);                                                  \
  }                                                                                                                    \
  attribute static void majority_##suffix(const uint8_t *evidence, int width, int height, int radius,                  \
                                          uint8_t threshold, int first_row, int end_row, uint8_t *mask) {              \
    majority_any(evidence, width, height, radius, threshold, first_row, end_row, mask);                                \
  }

VARIANTS(baseline, 0, )
#if __x86_64__
VARIANTS(v3, 0, __attribute__((target("arch=x86-64-v3"))))
VARIANTS(v4, 1, __attribute__((target("arch=x86-64-v4,no-prefer-256-bit"))))
#endif

#if __x86_64__
#define DISPATCH(name, ...)                                                                                            \
  if (level >= 2) return name##_v4(__VA_ARGS__);                                                                       \
  if (level == 1) return name##_v3(__VA_ARGS__);                                                                       \
  name##_baseline(__VA_ARGS__)
#else
#define DISPATCH(name, ...)                                                                                            \
  (void)level;                                                                                                         \
  name##_baseline(__VA_ARGS__)
#endif

void nem_gmm_update(const nem_gmm_step *step, int components, const nem_gmm_planes *planes, const uint8_t *luma,
                    uint8_t *evidence, uint8_t *shadow, size_t count, int level) {
  DISPATCH(update, step, components, planes, luma, evidence, shadow, count);
}

void nem_smooth(const uint8_t *evidence, int width, int height, int first_row, int end_row, uint8_t *smooth,
                int level) {
  DISPATCH(smooth, evidence, width, height, first_row, end_row, smooth);
}

void nem_majority(const uint8_t *evidence, int width, int height, int radius, uint8_t threshold, int first_row,
                  int end_row, uint8_t *mask, int level) {
  DISPATCH(majority, evidence, width, height, radius, threshold, first_row, end_row, mask);
}
