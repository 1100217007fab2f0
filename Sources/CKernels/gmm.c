#include "gmm.h"

#include <string.h>

#include "dispatch.h"

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
  float exposure, keep, rate, prune, match, background, initial, minimum, maximum, scale, dither;
  uint16_t *weights[NEM_GMM_MAX_COMPONENTS], *means[NEM_GMM_MAX_COMPONENTS], *variances[NEM_GMM_MAX_COMPONENTS];
  uint8_t *history;
} pass;

enum { BLOCK = NEM_GMM_BLOCK };

// A block of new values, kept apart: none of them is one that the others are found from, which the compiler could not
// know, and whether they are right may show at the block's end.
typedef struct {
  uint16_t weights[NEM_GMM_MAX_COMPONENTS][BLOCK], means[NEM_GMM_MAX_COMPONENTS][BLOCK];
  uint16_t variances[NEM_GMM_MAX_COMPONENTS][BLOCK];
} new_values;

// Selections instead of branches, and a constant number of components `n`, so that the loop around it vectorises. The
// new values of pixel `i` are number `j` of `out`.
ALWAYS_INLINE void update_pixel(const pass p, const int n, const size_t i, const size_t j, const uint8_t *restrict luma,
                                uint8_t *restrict evidence, new_values *restrict out) {
  const float bright = (float)luma[i] * p.exposure, x = bright < 255 * 256 ? bright : 255 * 256;
  float w[NEM_GMM_MAX_COMPONENTS], m[NEM_GMM_MAX_COMPONENTS], v[NEM_GMM_MAX_COMPONENTS];
  float d[NEM_GMM_MAX_COMPONENTS], q[NEM_GMM_MAX_COMPONENTS];
  int owner[NEM_GMM_MAX_COMPONENTS], owned = 0;
  float best = 0, best_variance = 1, heavier = 0, owner_weight = 1;
  for (int k = 0; k < n; k++) {
    w[k] = (float)p.weights[k][i];
    m[k] = (float)p.means[k][i];
    v[k] = (float)p.variances[k][i];
    d[k] = x - m[k];
    q[k] = d[k] * d[k] * (1 / 1024.0f);
    // The nearest background component, compared by cross products to save divisions. Empty ones have variance 0.
    const int nearer = k == 0 || ((heavier < p.background) & (q[k] * best_variance < best * v[k]));
    best = nearer ? q[k] : best;
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
    out->weights[k][j] = (uint16_t)(int)(w[k] * normalise + p.dither);
    out->means[k][j] = (uint16_t)(int)(m[k] + p.dither);
    out->variances[k][j] = (uint16_t)(int)(v[k] + p.dither);
  }
}

// The same where the heaviest component is background by itself and owns the value: the components keep their order, and
// only the weights of the lighter ones change. `alone`: they have none, and the heaviest has all of it; then all new
// weights are the same, and so is the `gain`. Returns whether the component does own all values.
ALWAYS_INLINE int find_owned(const pass p, const int n, const int alone, const float gain, const size_t from,
                             const uint8_t *restrict luma, uint8_t *restrict evidence, new_values *restrict out) {
  int foreign = 0;
  for (size_t j = 0; j < BLOCK; j++) {
    const float bright = (float)luma[from + j] * p.exposure, x = bright < 255 * 256 ? bright : 255 * 256;
    const float m = (float)p.means[0][from + j], v = (float)p.variances[0][from + j];
    const float d = x - m, q = d * d * (1 / 1024.0f);
    foreign |= q < p.match * v ? 0 : 1;
    float score = q / v * p.scale;
    score = score < 255 ? score : 255;
    evidence[from + j] = (uint8_t)(int)score;

    float own = gain;
    if (!alone) {
      float w[NEM_GMM_MAX_COMPONENTS], sum = 0;
      for (int k = 0; k < n; k++) {
        w[k] = (float)p.weights[k][from + j] * p.keep - p.prune;
        w[k] = w[k] > 0 ? w[k] : 0;
        if (k == 0) w[k] += p.rate;
        sum += w[k];
      }
      own = p.rate / w[0];
      own = own < 1 ? own : 1;
      const float normalise = 65535 / sum;
      for (int k = 0; k < n; k++) out->weights[k][j] = (uint16_t)(int)(w[k] * normalise + p.dither);
    }
    float spread = v + own * (q - v);
    spread = spread > p.minimum ? spread : p.minimum;
    spread = spread < p.maximum ? spread : p.maximum;
    out->means[0][j] = (uint16_t)(int)(m + own * d + p.dither);
    out->variances[0][j] = (uint16_t)(int)(spread + p.dither);
  }
  return !foreign;
}

// What the weights of a block allow: anything; no change but of the heaviest component and the weights; or of the
// heaviest component alone, which has all the weight. MIXED is right for every block. ALONE is remembered while it must
// still hold, MIXED where values far from the background make it likely.
typedef enum { UNKNOWN, MIXED, OWNED, ALONE } block_kind;

ALWAYS_INLINE block_kind kind_of_block(const pass p, const int n, const size_t from) {
  uint16_t least = 65535, second = 0;
  for (size_t i = from; i < from + BLOCK; i++) {
    least = p.weights[0][i] < least ? p.weights[0][i] : least;
    if (n > 1) second |= p.weights[1][i];  // the order leaves none to the others if this has none
  }
  if ((float)least < p.background) return MIXED;
  return least == 65535 && second == 0 ? ALONE : OWNED;
}

// Other blocks were left out before this one, which keeps the processor from guessing what comes next.
ALWAYS_INLINE void fetch_block(const pass p, const int n, const size_t from) {
  for (int k = 1; k < n; k++) {
    __builtin_prefetch(p.weights[k] + from, 1);
    __builtin_prefetch(p.means[k] + from, 1);
    __builtin_prefetch(p.variances[k] + from, 1);
  }
}

// At most a block. One vector at a time: two would not fit the registers.
ALWAYS_INLINE void update_mixed(const pass p, const int n, const uint8_t *restrict luma, uint8_t *restrict evidence,
                                const size_t from, const size_t count) {
  new_values block;
#pragma clang loop vectorize(enable) interleave_count(1)
  for (size_t j = 0; j < count; j++) update_pixel(p, n, from + j, j, luma, evidence, &block);
  for (int k = 0; k < n; k++) {
    memcpy(p.weights[k] + from, block.weights[k], count * sizeof block.weights[k][0]);
    memcpy(p.means[k] + from, block.means[k], count * sizeof block.means[k][0]);
    memcpy(p.variances[k] + from, block.variances[k], count * sizeof block.variances[k][0]);
  }
}

ALWAYS_INLINE int is_busy(const pass p, const uint8_t *evidence) {
  uint8_t most = 0;
  for (size_t j = 0; j < BLOCK; j++) most = evidence[j] > most ? evidence[j] : most;
  return (float)most > p.match * p.scale;
}

// Most of a picture is background that lasts: blocks of it touch a quarter or a third of the memory.
ALWAYS_INLINE void update(const pass p, const int n, const uint8_t *restrict luma, uint8_t *restrict evidence,
                          size_t count) {
  const float kept = 65535 * p.keep - p.prune, weight = (kept > 0 ? kept : 0) + p.rate;
  const float gain = p.rate / weight < 1 ? p.rate / weight : 1;
  const uint16_t whole = (uint16_t)(int)(weight * (65535 / weight) + p.dither);
  new_values block;
  size_t from = 0;
  for (; from + BLOCK <= count; from += BLOCK) {
    uint8_t *history = p.history + from / BLOCK;
    if (from + 2 * BLOCK <= count && history[1] == MIXED) fetch_block(p, n, from + BLOCK);
    const block_kind kind = *history == UNKNOWN ? kind_of_block(p, n, from) : (block_kind)*history;
    *history = UNKNOWN;
    if (kind == ALONE && find_owned(p, n, 1, gain, from, luma, evidence, &block)) {
      *history = whole == 65535 ? ALONE : UNKNOWN;
      for (size_t j = 0; j < BLOCK && whole != 65535; j++) p.weights[0][from + j] = whole;
    } else if (kind == OWNED && find_owned(p, n, 0, gain, from, luma, evidence, &block)) {
      for (int k = 0; k < n; k++) memcpy(p.weights[k] + from, block.weights[k], sizeof block.weights[k]);
    } else {
      fetch_block(p, n, from);
      update_mixed(p, n, luma, evidence, from, BLOCK);
      if (is_busy(p, evidence + from)) *history = MIXED;
      continue;
    }
    memcpy(p.means[0] + from, block.means[0], sizeof block.means[0]);
    memcpy(p.variances[0] + from, block.variances[0], sizeof block.variances[0]);
  }
  if (from < count) update_mixed(p, n, luma, evidence, from, count - from);
}

ALWAYS_INLINE void update_any(const nem_gmm_step *step, int components, const nem_gmm_planes *planes,
                              const uint8_t *luma, uint8_t *evidence, size_t count) {
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
      .dither = step->dither,
      .history = planes->history,
  };
  for (int k = 0; k < components; k++) {
    p.weights[k] = planes->weight[k];
    p.means[k] = planes->mean[k];
    p.variances[k] = planes->variance[k];
  }
#define CASE(n) \
  if (components == n) return update(p, n, luma, evidence, count);
  CASE(1) CASE(2) CASE(3) CASE(4) CASE(5)
#undef CASE
}

#define VARIANT(suffix, attribute)                                                                                     \
  attribute static void update_##suffix(const nem_gmm_step *step, int components, const nem_gmm_planes *planes,        \
                                        const uint8_t *luma, uint8_t *evidence, size_t count) {                        \
    update_any(step, components, planes, luma, evidence, count);                                                       \
  }

VARIANT(baseline, )
#if __x86_64__
VARIANT(v3, NEM_TARGET_V3)
VARIANT(v4, NEM_TARGET_V4)
#endif

void nem_gmm_update(const nem_gmm_step *step, int components, const nem_gmm_planes *planes, const uint8_t *luma,
                    uint8_t *evidence, size_t count, int level) {
  DISPATCH(update, step, components, planes, luma, evidence, count);
}
