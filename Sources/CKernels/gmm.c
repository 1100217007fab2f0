#include "gmm.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

int nem_cpu_level(void) {
#if __x86_64__
  if (__builtin_cpu_supports("x86-64-v4")) return 2;
  if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
  return 0;
}

// Selections instead of branches, and a constant number of components, so that the loop vectorises over pixels. The
// order of the float operations is that of the Swift twin.
ALWAYS_INLINE void update(const nem_gmm_step step, const int n, const nem_gmm_planes *planes,
                          const uint8_t *restrict luma, uint8_t *restrict evidence, size_t count) {
  uint16_t *weights[NEM_GMM_MAX_COMPONENTS], *means[NEM_GMM_MAX_COMPONENTS], *variances[NEM_GMM_MAX_COMPONENTS];
  for (int k = 0; k < n; k++) {
    weights[k] = planes->weight[k];
    means[k] = planes->mean[k];
    variances[k] = planes->variance[k];
  }
  const float keep = 1 - step.rate;
#pragma clang loop vectorize(assume_safety) interleave(disable)
  for (size_t i = 0; i < count; i++) {
    const float x = (float)luma[i];
    float w[NEM_GMM_MAX_COMPONENTS], m[NEM_GMM_MAX_COMPONENTS], v[NEM_GMM_MAX_COMPONENTS];
    float d[NEM_GMM_MAX_COMPONENTS], q[NEM_GMM_MAX_COMPONENTS];
    int owner[NEM_GMM_MAX_COMPONENTS], owned = 0;
    float best = 0, best_variance = 1, heavier = 0, owner_weight = 0;
    for (int k = 0; k < n; k++) {
      w[k] = (float)weights[k][i] * (1 / 65536.0f);
      m[k] = (float)means[k][i] * (1 / 256.0f);
      v[k] = (float)variances[k][i] * (1 / 64.0f);
      d[k] = x - m[k];
      q[k] = d[k] * d[k];
      // The nearest background component, compared by cross products to save divisions. Empty ones have variance 0.
      const int nearer = k == 0 || ((heavier < step.background_ratio) & (q[k] * best_variance < best * v[k]));
      best = nearer ? q[k] : best;
      best_variance = nearer ? v[k] : best_variance;
      heavier += w[k];
      owner[k] = (q[k] < step.match * v[k]) & !owned;
      owned |= owner[k];
      float kept = w[k] * keep - step.prune;
      kept = kept > 0 ? kept : 0;
      w[k] = owner[k] ? kept + step.rate : kept;
      owner_weight = owner[k] ? w[k] : owner_weight;
    }
    float score = best / best_variance * step.evidence_scale;
    score = score < 255 ? score : 255;
    evidence[i] = (uint8_t)(int)score;

    float gain = step.rate / (owned ? owner_weight : 1);
    gain = gain < 1 ? gain : 1;
    for (int k = 0; k < n; k++) {
      float spread = v[k] + gain * (q[k] - v[k]);
      spread = spread > step.minimum_variance ? spread : step.minimum_variance;
      spread = spread < step.maximum_variance ? spread : step.maximum_variance;
      m[k] = owner[k] ? m[k] + gain * d[k] : m[k];
      v[k] = owner[k] ? spread : v[k];
    }
    // A value that nobody owns replaces the lightest component.
    w[n - 1] = owned ? w[n - 1] : step.rate;
    m[n - 1] = owned ? m[n - 1] : x;
    v[n - 1] = owned ? v[n - 1] : step.initial_variance;
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
    const float normalise = 65535.0f / sum;
    for (int k = 0; k < n; k++) {
      weights[k][i] = (uint16_t)(int)(w[k] * normalise + step.dither);
      means[k][i] = (uint16_t)(int)(m[k] * 256 + step.dither);
      variances[k][i] = (uint16_t)(int)(v[k] * 64 + step.dither);
    }
  }
}

ALWAYS_INLINE void update_any(const nem_gmm_step *step, int components, const nem_gmm_planes *planes,
                              const uint8_t *luma, uint8_t *evidence, size_t count) {
  switch (components) {
  case 1: update(*step, 1, planes, luma, evidence, count); break;
  case 2: update(*step, 2, planes, luma, evidence, count); break;
  case 3: update(*step, 3, planes, luma, evidence, count); break;
  case 4: update(*step, 4, planes, luma, evidence, count); break;
  default: update(*step, 5, planes, luma, evidence, count); break;
  }
}

enum { TILE = 1024, MAX_RADIUS = 7 };

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

#define VARIANTS(suffix, attribute)                                                                                    \
  attribute static void update_##suffix(const nem_gmm_step *step, int components, const nem_gmm_planes *planes,        \
                                        const uint8_t *luma, uint8_t *evidence, size_t count) {                        \
    update_any(step, components, planes, luma, evidence, count);                                                       \
  }                                                                                                                    \
  attribute static void majority_##suffix(const uint8_t *evidence, int width, int height, int radius,                  \
                                          uint8_t threshold, int first_row, int end_row, uint8_t *mask) {              \
    majority_any(evidence, width, height, radius, threshold, first_row, end_row, mask);                                \
  }

VARIANTS(baseline, )
#if __x86_64__
VARIANTS(v3, __attribute__((target("arch=x86-64-v3"))))
VARIANTS(v4, __attribute__((target("arch=x86-64-v4,no-prefer-256-bit"))))
#endif

void nem_gmm_update(const nem_gmm_step *step, int components, const nem_gmm_planes *planes, const uint8_t *luma,
                    uint8_t *evidence, size_t count, int level) {
#if __x86_64__
  if (level >= 2) return update_v4(step, components, planes, luma, evidence, count);
  if (level == 1) return update_v3(step, components, planes, luma, evidence, count);
#endif
  (void)level;
  update_baseline(step, components, planes, luma, evidence, count);
}

void nem_majority(const uint8_t *evidence, int width, int height, int radius, uint8_t threshold, int first_row,
                  int end_row, uint8_t *mask, int level) {
#if __x86_64__
  if (level >= 2) return majority_v4(evidence, width, height, radius, threshold, first_row, end_row, mask);
  if (level == 1) return majority_v3(evidence, width, height, radius, threshold, first_row, end_row, mask);
#endif
  (void)level;
  majority_baseline(evidence, width, height, radius, threshold, first_row, end_row, mask);
}
