// Included once per instruction set: TARGET(name) appends the set's suffix. Each function does one sample, or one row
// (a slot of a sample); with one channel, the loops over its pixels become vector instructions.

// A value's share of the loss: −log P(x|ψ) for the owner, the KL of the prior for the others, and their slopes.
struct TARGET(term) {
  float own, other, own_slope, other_slope;
};

ALWAYS_INLINE struct TARGET(term) TARGET(term_of)(float x, float psi, float sigma) {
  if (sigma == 0) {
    float on = psi < LOG_FLOOR ? LOG_FLOOR : psi;
    on = on > 1.0f - LOG_FLOOR ? 1.0f - LOG_FLOOR : on;
    const float off = 1.0f - on, log_off = TARGET(logarithm)(off);
    const float own = -(x * TARGET(logarithm)(on) + (1.0f - x) * log_off);
    return (struct TARGET(term)){own, -log_off, (on - x) / (on * off), 1.0f / off};
  }
  const float half_log_two_pi = 0.918938533f;
  return (struct TARGET(term)){(x - psi) * (x - psi) / 2 + half_log_two_pi, psi * psi / 2, psi - x, psi};
}

// P(x | ψ) over the channels of a pixel.
ALWAYS_INLINE float TARGET(likelihood)(const float *x, const float *psi, size_t channels, float sigma, bool grey) {
  if (grey) {
    float sum = 0.0f;
    for (size_t c = 0; c < channels; c++) sum += TARGET(term_of)(x[c], psi[c], 0).own;
    return TARGET(exponential)(-sum);
  }
  if (sigma == 0) {
    float product = 1.0f;
    for (size_t c = 0; c < channels; c++) product *= x[c] * psi[c] + (1.0f - x[c]) * (1.0f - psi[c]);
    return product;
  }
  float squares = 0.0f, density = 1.0f;
  for (size_t c = 0; c < channels; c++) {
    squares += (x[c] - psi[c]) * (x[c] - psi[c]);
    density *= 0.398942280f / sigma;
  }
  return TARGET(exponential)(-squares / (2.0f * sigma * sigma)) * density;
}

ALWAYS_INLINE void TARGET(expectation_sample)(const struct nem_mixture shape, size_t channels, float sigma,
                                              bool grey, const float *x, const float *psi, float *gamma) {
  const size_t pixels = shape.pixels;
  for (size_t start = 0; start < pixels; start += BLOCK) {
    const size_t count = pixels - start < BLOCK ? pixels - start : BLOCK;
    float total[BLOCK] = {0};
    for (size_t k = 0; k < shape.slots; k++) {
      const float *y = psi + (k * pixels + start) * channels;
      float *g = gamma + k * pixels + start;
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) {
        const float *value = x + (start + i) * channels;
        g[i] = TARGET(likelihood)(value, y + i * channels, channels, sigma, grey) + LIKELIHOOD_FLOOR;
        total[i] += g[i];
      }
    }
    for (size_t k = 0; k < shape.slots; k++) {
      float *g = gamma + k * pixels + start;
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) g[i] /= total[i];
    }
  }
}

static void TARGET(expectation)(const struct nem_mixture shape, const float *x, const float *psi, float *gamma) {
  if (shape.channels > 1) {
    TARGET(expectation_sample)(shape, shape.channels, shape.sigma, shape.grey, x, psi, gamma);
  } else if (shape.grey) {
    TARGET(expectation_sample)(shape, 1, 0, true, x, psi, gamma);
  } else if (shape.sigma == 0) {
    TARGET(expectation_sample)(shape, 1, 0, false, x, psi, gamma);
  } else {
    TARGET(expectation_sample)(shape, 1, shape.sigma, false, x, psi, gamma);
  }
}

struct TARGET(loss_job) {
  const float *x, *psi, *gamma;
  float prior_weight, scale;
  float *gradient;
};

ALWAYS_INLINE void TARGET(loss_lanes)(const struct TARGET(loss_job) job, size_t channels, float sigma, size_t start,
                                      size_t count, float *sums) {
  ELEMENTWISE
  for (size_t l = 0; l < count; l++) {
    const size_t i = start + l;
    const struct TARGET(term) term = TARGET(term_of)(job.x[i], job.psi[i], sigma);
    const float own = job.gamma[i / channels], other = (1.0f - own) * job.prior_weight;
    sums[l] += own * term.own + other * term.other;
    job.gradient[i] = (own * term.own_slope + other * term.other_slope) * job.scale;
  }
}

ALWAYS_INLINE float TARGET(loss_body)(const struct TARGET(loss_job) job, size_t channels, float sigma, size_t count) {
  float sums[LANES] = {0};
  const size_t whole = count - count % LANES;
  for (size_t start = 0; start < whole; start += LANES) TARGET(loss_lanes)(job, channels, sigma, start, LANES, sums);
  TARGET(loss_lanes)(job, channels, sigma, whole, count - whole, sums);
  return lane_sum(sums);
}

static void TARGET(loss_row)(const struct nem_mixture shape, const float *x, const float *psi, const float *gamma,
                             float prior_weight, float scale, float *gradient, double *total) {
  const struct TARGET(loss_job) job = {x, psi, gamma, prior_weight, scale, gradient};
  const size_t count = shape.pixels * shape.channels;
  if (shape.channels > 1) {
    *total += (double)TARGET(loss_body)(job, shape.channels, shape.sigma, count);
  } else if (shape.sigma != 0) {
    *total += (double)TARGET(loss_body)(job, 1, shape.sigma, count);
  } else {
    *total += (double)TARGET(loss_body)(job, 1, 0, count);
  }
}

ALWAYS_INLINE void TARGET(slope_body)(const struct nem_mixture shape, size_t channels, float sigma, const float *x,
                                      const float *psi, float prior_weight, float scale, bool inside, float *slope) {
  ELEMENTWISE
  for (size_t i = 0; i < shape.pixels; i++) {
    float sum = 0.0f;
    for (size_t c = 0; c < channels; c++) {
      const struct TARGET(term) term = TARGET(term_of)(x[i * channels + c], psi[i * channels + c], sigma);
      sum += (inside ? term.own : 0.0f) - prior_weight * term.other;
    }
    slope[i] = sum * scale;
  }
}

static void TARGET(slope_row)(const struct nem_mixture shape, const float *x, const float *psi, float prior_weight,
                              float scale, bool inside, float *slope) {
  if (shape.channels > 1 || shape.sigma != 0) {
    TARGET(slope_body)(shape, shape.channels, shape.sigma, x, psi, prior_weight, scale, inside, slope);
  } else if (inside) {
    TARGET(slope_body)(shape, 1, 0, x, psi, prior_weight, scale, true, slope);
  } else {
    TARGET(slope_body)(shape, 1, 0, x, psi, prior_weight, scale, false, slope);
  }
}

// d log P(x | ψ) / dψ of one value.
ALWAYS_INLINE float TARGET(log_slope)(float x, float psi, float sigma, bool grey) {
  if (grey) return -TARGET(term_of)(x, psi, 0).own_slope;
  if (sigma != 0) return (x - psi) / (sigma * sigma);
  const float one = x * psi + (1.0f - x) * (1.0f - psi);
  return (2.0f * x - 1.0f) / (one > LIKELIHOOD_FLOOR ? one : LIKELIHOOD_FLOOR);
}

// dL/dψ_k += γ_k (g_k − Σ_j γ_j g_j) · d log(p_k + floor)/dψ_k, with g = dL/dγ.
ALWAYS_INLINE void TARGET(through_gamma_sample)(const struct nem_mixture shape, size_t channels, float sigma,
                                                bool grey, const float *x, const float *psi, const float *gamma,
                                                const float *slope, float *gradient) {
  const size_t pixels = shape.pixels;
  for (size_t start = 0; start < pixels; start += BLOCK) {
    const size_t count = pixels - start < BLOCK ? pixels - start : BLOCK;
    float mean[BLOCK] = {0};
    for (size_t k = 0; k < shape.slots; k++) {
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) mean[i] += gamma[k * pixels + start + i] * slope[k * pixels + start + i];
    }
    for (size_t k = 0; k < shape.slots; k++) {
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) {
        const size_t place = k * pixels + start + i;
        const float *value = x + (start + i) * channels, *y = psi + place * channels;
        const float p = TARGET(likelihood)(value, y, channels, sigma, grey);
        const float weight = gamma[place] * (slope[place] - mean[i]) * p / (p + LIKELIHOOD_FLOOR);
        for (size_t c = 0; c < channels; c++) {
          gradient[place * channels + c] += weight * TARGET(log_slope)(value[c], y[c], sigma, grey);
        }
      }
    }
  }
}

static void TARGET(through_gamma)(const struct nem_mixture shape, const float *x, const float *psi, const float *gamma,
                                  const float *slope, float *gradient) {
  if (shape.channels > 1) {
    TARGET(through_gamma_sample)(shape, shape.channels, shape.sigma, shape.grey, x, psi, gamma, slope, gradient);
  } else if (shape.grey) {
    TARGET(through_gamma_sample)(shape, 1, 0, true, x, psi, gamma, slope, gradient);
  } else if (shape.sigma == 0) {
    TARGET(through_gamma_sample)(shape, 1, 0, false, x, psi, gamma, slope, gradient);
  } else {
    TARGET(through_gamma_sample)(shape, 1, shape.sigma, false, x, psi, gamma, slope, gradient);
  }
}
