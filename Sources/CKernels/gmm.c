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
  float exposure, keep, rate, prune, match, background, calm, slope, restless, initial, minimum, maximum, scale, dither;
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

// What a value and the Gaussians of its pixel make of each other.
typedef struct {
  float x, w[NEM_GMM_MAX_COMPONENTS], m[NEM_GMM_MAX_COMPONENTS], v[NEM_GMM_MAX_COMPONENTS];
  float d[NEM_GMM_MAX_COMPONENTS], q[NEM_GMM_MAX_COMPONENTS]; // differences from the means, and their squares
} meeting;

ALWAYS_INLINE float value_of(const pass p, const uint8_t luma) {
  const float bright = (float)luma * p.exposure;
  return bright < 255 * 256 ? bright : 255 * 256;
}

ALWAYS_INLINE uint8_t evidence_of(const pass p, const float square, const float variance) {
  const float score = square / variance * p.scale;
  return (uint8_t)(int)(score < 255 ? score : 255);
}

// The weight that the background components of a pixel hold whose heaviest has this variance.
ALWAYS_INLINE float background_of(const pass p, const float variance) {
  const float excess = variance > p.calm ? variance - p.calm : 0, more = p.background + excess * p.slope;
  return more < p.restless ? more : p.restless;
}

// Whether the heaviest component of pixel `i` is background by itself.
ALWAYS_INLINE int is_single(const pass p, const size_t i) {
  return (float)p.weights[0][i] >= background_of(p, (float)p.variances[0][i]);
}

// Selections instead of branches here and below, and a constant number of components `n`, so that the loops around
// vectorise.
ALWAYS_INLINE uint8_t meet(const pass p, const int n, const size_t i, const uint8_t luma, meeting *at) {
  float best = 0, best_variance = 1, heavier = 0;
  const float background = background_of(p, (float)p.variances[0][i]);
  at->x = value_of(p, luma);
  for (int k = 0; k < n; k++) {
    at->w[k] = (float)p.weights[k][i];
    at->m[k] = (float)p.means[k][i];
    at->v[k] = (float)p.variances[k][i];
    at->d[k] = at->x - at->m[k];
    at->q[k] = at->d[k] * at->d[k] * (1 / 1024.0f);
    // The nearest background component, compared by cross products to save divisions. Empty ones have variance 0.
    const int nearer = k == 0 || ((heavier < background) & (at->q[k] * best_variance < best * at->v[k]));
    best = nearer ? at->q[k] : best;
    best_variance = nearer ? at->v[k] : best_variance;
    heavier += at->w[k];
  }
  return evidence_of(p, best, best_variance);
}

// The new values of pixel `i` are number `j` of `out`.
ALWAYS_INLINE void update_pixel(const pass p, const int n, const size_t i, const size_t j, const uint8_t *restrict luma,
                                uint8_t *restrict evidence, new_values *restrict out) {
  meeting at;
  evidence[i] = meet(p, n, i, luma[i], &at);
  float *w = at.w, *m = at.m, *v = at.v, owner_weight = 1;
  int owner[NEM_GMM_MAX_COMPONENTS], owned = 0;
  for (int k = 0; k < n; k++) {
    owner[k] = (at.q[k] < p.match * v[k]) & !owned;
    owned |= owner[k];
    float kept = w[k] * p.keep - p.prune;
    kept = kept > 0 ? kept : 0;
    w[k] = owner[k] ? kept + p.rate : kept;
    owner_weight = owner[k] ? w[k] : owner_weight;
  }
  float gain = p.rate / owner_weight;
  gain = gain < 1 ? gain : 1;
  for (int k = 0; k < n; k++) {
    float spread = v[k] + gain * (at.q[k] - v[k]);
    spread = spread > p.minimum ? spread : p.minimum;
    spread = spread < p.maximum ? spread : p.maximum;
    m[k] = owner[k] ? m[k] + gain * at.d[k] : m[k];
    v[k] = owner[k] ? spread : v[k];
  }
  // A value that nobody owns replaces the lightest component.
  w[n - 1] = owned ? w[n - 1] : p.rate;
  m[n - 1] = owned ? m[n - 1] : at.x;
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
// weights are the same, and so is the `gain`. Returns whether the component does own all values and is still background by
// itself.
ALWAYS_INLINE int find_owned(const pass p, const int n, const int alone, const float gain, const size_t from,
                             const uint8_t *restrict luma, uint8_t *restrict evidence, new_values *restrict out) {
  int foreign = 0;
  for (size_t j = 0; j < BLOCK; j++) {
    const float m = (float)p.means[0][from + j], v = (float)p.variances[0][from + j];
    const float d = value_of(p, luma[from + j]) - m, q = d * d * (1 / 1024.0f);
    foreign |= q < p.match * v ? 0 : 1;
    evidence[from + j] = evidence_of(p, q, v);

    float own = gain;
    if (!alone) {
      float w[NEM_GMM_MAX_COMPONENTS], sum = 0;
      foreign |= is_single(p, from + j) ? 0 : 1;
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

ALWAYS_INLINE int all_single(const pass p, const size_t from) {
  int single = 1;
  for (size_t i = from; i < from + BLOCK; i++) single &= is_single(p, i) ? 1 : 0;
  return single;
}

// What the weights of a block allow: anything; no change but of the heaviest component and the weights; or of the
// heaviest component alone, which has all the weight. MIXED is right for every block, ALONE lasts, and OWNED has to be seen to
// be true: what is restless changes with the scene's noise.
typedef enum { UNKNOWN, MIXED, OWNED, ALONE } block_kind;

ALWAYS_INLINE block_kind kind_of_block(const pass p, const int n, const size_t from) {
  uint16_t least = 65535, second = 0;
  for (size_t i = from; i < from + BLOCK; i++) {
    least = p.weights[0][i] < least ? p.weights[0][i] : least;
    if (n > 1) second |= p.weights[1][i];  // the order leaves none to the others if this has none
  }
  if (!all_single(p, from)) return MIXED;
  return least == 65535 && second == 0 ? ALONE : OWNED;
}

ALWAYS_INLINE block_kind known_kind(const pass p, const int n, const size_t from, uint8_t *history) {
  if (*history == UNKNOWN) *history = kind_of_block(p, n, from);
  return (block_kind)*history;
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
    const block_kind kind = known_kind(p, n, from, history);
    if (kind == ALONE && find_owned(p, n, 1, gain, from, luma, evidence, &block)) {
      for (size_t j = 0; j < BLOCK && whole != 65535; j++) p.weights[0][from + j] = whole;
      if (whole != 65535) *history = kind_of_block(p, n, from);
    } else if (kind == OWNED && find_owned(p, n, 0, gain, from, luma, evidence, &block)) {
      for (int k = 0; k < n; k++) memcpy(p.weights[k] + from, block.weights[k], sizeof block.weights[k]);
      *history = kind_of_block(p, n, from);
    } else {
      fetch_block(p, n, from);
      update_mixed(p, n, luma, evidence, from, BLOCK);
      *history = is_busy(p, evidence + from) ? MIXED : kind_of_block(p, n, from);
      continue;
    }
    memcpy(p.means[0] + from, block.means[0], sizeof block.means[0]);
    memcpy(p.variances[0] + from, block.variances[0], sizeof block.variances[0]);
  }
  if (from < count) update_mixed(p, n, luma, evidence, from, count - from);
}

// The evidence alone. Where the heaviest component is background by itself, the others do not matter.
ALWAYS_INLINE void compare(const pass p, const int n, const uint8_t *restrict luma, uint8_t *restrict evidence,
                           size_t count) {
  for (size_t from = 0; from < count; from += BLOCK) {
    const size_t left = count - from < BLOCK ? count - from : BLOCK;
    const block_kind kind = left == BLOCK ? known_kind(p, n, from, p.history + from / BLOCK) : MIXED;
    if (kind == ALONE || (kind == OWNED && all_single(p, from))) {
      for (size_t i = from; i < from + BLOCK; i++) {
        const float d = value_of(p, luma[i]) - (float)p.means[0][i];
        evidence[i] = evidence_of(p, d * d * (1 / 1024.0f), (float)p.variances[0][i]);
      }
    } else {
      meeting at;
#pragma clang loop vectorize(enable) interleave_count(1)
      for (size_t i = from; i < from + left; i++) evidence[i] = meet(p, n, i, luma[i], &at);
    }
  }
}

ALWAYS_INLINE pass pass_of(const nem_gmm_step *step, int components, const nem_gmm_planes *planes) {
  pass p = {
      .exposure = step->gain * 256,
      .keep = 1 - step->rate,
      .rate = step->rate * 65536,
      .prune = step->prune * 65536,
      .match = step->match,
      .background = step->background_ratio * 65536,
      .calm = step->calm_variance * 64,
      .slope = step->restless_slope * 1024,
      .restless = step->restless_ratio * 65536,
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
  return p;
}

#define CASE(job, n) \
  if (components == n) return job(p, n, luma, evidence, count);
#define VARIANT(job, suffix, attribute)                                                                                \
  attribute static void job##_##suffix(const nem_gmm_step *step, int components, const nem_gmm_planes *planes,         \
                                       const uint8_t *luma, uint8_t *evidence, size_t count) {                         \
    const pass p = pass_of(step, components, planes);                                                                  \
    CASE(job, 1) CASE(job, 2) CASE(job, 3) CASE(job, 4) CASE(job, 5)                                                   \
  }

VARIANT(update, baseline, )
VARIANT(compare, baseline, )
#if __x86_64__
VARIANT(update, v3, NEM_TARGET_V3)
VARIANT(update, v4, NEM_TARGET_V4)
VARIANT(compare, v3, NEM_TARGET_V3)
VARIANT(compare, v4, NEM_TARGET_V4)
#endif

void nem_gmm_update(const nem_gmm_step *step, int components, const nem_gmm_planes *planes, const uint8_t *luma,
                    uint8_t *evidence, size_t count, int level) {
  DISPATCH(update, step, components, planes, luma, evidence, count);
}

void nem_gmm_compare(const nem_gmm_step *step, int components, const nem_gmm_planes *planes, const uint8_t *luma,
                     uint8_t *evidence, size_t count, int level) {
  DISPATCH(compare, step, components, planes, luma, evidence, count);
}
