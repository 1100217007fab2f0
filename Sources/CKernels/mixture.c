#include "mixture.h"

#include "gmm.h"
#include "lanes.h"

enum { BLOCK = 256 };

// Added to each likelihood in the E-step, so that no pixel is left without an owner.
#define LIKELIHOOD_FLOOR 1e-6f
// ψ is kept this far from 0 and 1 inside logarithms.
#define LOG_FLOOR 1e-6f

// What is written never overlaps what is read, which the compiler cannot know.
#define ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")
// With several channels the same loops hold another one, and stay as they are.
#pragma clang diagnostic ignored "-Wpass-failed"

#define LOOPS "mixture_loops.h"
#include "instruction_sets.h"

static void expectation(struct nem_mixture shape, const float *frame, const float *psi, float *gamma) {
  const int level = nem_cpu_level();
  DISPATCH(expectation, shape, frame, psi, gamma);
}

static void loss_row(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma,
                     float prior_weight, float scale, float *gradient, double *total) {
  const int level = nem_cpu_level();
  DISPATCH(loss_row, shape, frame, psi, gamma, prior_weight, scale, gradient, total);
}

static void slope_row(struct nem_mixture shape, const float *frame, const float *psi, float prior_weight, float scale,
                      bool inside, float *slope) {
  const int level = nem_cpu_level();
  DISPATCH(slope_row, shape, frame, psi, prior_weight, scale, inside, slope);
}

static void through_gamma(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma,
                          const float *slope, float *gradient) {
  const int level = nem_cpu_level();
  DISPATCH(through_gamma, shape, frame, psi, gamma, slope, gradient);
}

static size_t values(struct nem_mixture shape) { return shape.pixels * shape.channels; }
static size_t rows(struct nem_mixture shape) { return shape.samples * shape.slots; }

void nem_residual(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma, float *delta) {
  const size_t count = values(shape);
  for (size_t row = 0; row < rows(shape); row++) {
    const float *x = frame + row / shape.slots * count, *y = psi + row * count, *g = gamma + row * shape.pixels;
    float *d = delta + row * count;
    if (shape.channels == 1) {
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) d[i] = g[i] * (x[i] - y[i]);
    } else {
      for (size_t i = 0; i < count; i++) d[i] = g[i / shape.channels] * (x[i] - y[i]);
    }
  }
}

void nem_residual_backward(struct nem_mixture shape, const float *gamma, const float *delta_gradient,
                           float *gradient) {
  const size_t count = rows(shape) * values(shape);
  if (shape.channels == 1) {
    ELEMENTWISE
    for (size_t i = 0; i < count; i++) gradient[i] -= gamma[i] * delta_gradient[i];
  } else {
    for (size_t i = 0; i < count; i++) gradient[i] -= gamma[i / shape.channels] * delta_gradient[i];
  }
}

// The slot that predicts most at a value, and the one that comes next; they are the same if there is one only.
struct leaders {
  size_t first, second;
};

static struct leaders leaders(const float *psi, size_t slots, size_t count) {
  struct leaders found = {0, slots > 1 ? 1 : 0};
  if (slots > 1 && psi[count] > psi[0]) found = (struct leaders){1, 0};
  for (size_t k = 2; k < slots; k++) {
    if (psi[k * count] > psi[found.first * count]) {
      found = (struct leaders){k, found.first};
    } else if (psi[k * count] > psi[found.second * count]) {
      found.second = k;
    }
  }
  return found;
}

void nem_views(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma, float *views) {
  const size_t count = values(shape), slots = shape.slots;
  for (size_t n = 0; n < shape.samples; n++) {
    const float *x = frame + n * count, *y = psi + n * slots * count, *g = gamma + n * slots * shape.pixels;
    float *v = views + n * slots * count * NEM_VIEWS;
    for (size_t i = 0; i < count; i++) {
      const struct leaders lead = leaders(y + i, slots, count);
      for (size_t k = 0; k < slots; k++) {
        const float own = g[k * shape.pixels + i / shape.channels];
        const size_t other = k == lead.first ? lead.second : lead.first;
        float *seen = v + (k * count + i) * NEM_VIEWS;
        seen[0] = own * (x[i] - y[k * count + i]);
        seen[1] = own * x[i];
        seen[2] = other == k ? x[i] : x[i] - y[other * count + i];
      }
    }
  }
}

void nem_views_backward(struct nem_mixture shape, const float *corrupted, const float *psi, const float *gamma,
                        const float *views_gradient, float *gradient, float *slope) {
  const size_t count = values(shape), slots = shape.slots;
  for (size_t n = 0; n < shape.samples; n++) {
    const size_t first = n * slots;
    const float *x = corrupted + n * count, *y = psi + first * count;
    for (size_t i = 0; i < count; i++) {
      const struct leaders lead = leaders(y + i, slots, count);
      for (size_t k = 0; k < slots; k++) {
        const size_t row = first + k, pixel = row * shape.pixels + i / shape.channels;
        const size_t other = k == lead.first ? lead.second : lead.first;
        const float *d = views_gradient + (row * count + i) * NEM_VIEWS;
        gradient[row * count + i] -= gamma[pixel] * d[0];
        if (other != k) gradient[(first + other) * count + i] -= d[2];
        if (slope) slope[pixel] += d[0] * (x[i] - y[k * count + i]) + d[1] * x[i];
      }
    }
  }
}

void nem_expectation(struct nem_mixture shape, const float *frame, const float *psi, float *gamma) {
  for (size_t n = 0; n < shape.samples; n++) {
    const size_t row = n * shape.slots;
    expectation(shape, frame + n * values(shape), psi + row * values(shape), gamma + row * shape.pixels);
  }
}

double nem_mixture_loss(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma,
                        float prior_weight, float scale, float *gradient) {
  const size_t count = values(shape);
  double total = 0;
  for (size_t row = 0; row < rows(shape); row++)
    loss_row(shape, frame + row / shape.slots * count, psi + row * count, gamma + row * shape.pixels, prior_weight,
             scale, gradient + row * count, &total);
  return total;
}

void nem_gamma_slope(struct nem_mixture shape, const float *frame, const float *psi, float prior_weight, float scale,
                     bool inside, float *slope) {
  const size_t count = values(shape);
  for (size_t row = 0; row < rows(shape); row++)
    slope_row(shape, frame + row / shape.slots * count, psi + row * count, prior_weight, scale, inside,
              slope + row * shape.pixels);
}

void nem_gamma_slope_of_residual(struct nem_mixture shape, const float *corrupted, const float *psi,
                                 const float *delta_gradient, float *slope) {
  const size_t count = values(shape);
  for (size_t row = 0; row < rows(shape); row++) {
    const float *x = corrupted + row / shape.slots * count, *y = psi + row * count, *d = delta_gradient + row * count;
    float *s = slope + row * shape.pixels;
    if (shape.channels == 1) {
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) s[i] += d[i] * (x[i] - y[i]);
    } else {
      for (size_t i = 0; i < count; i++) s[i / shape.channels] += d[i] * (x[i] - y[i]);
    }
  }
}

void nem_expectation_backward(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma,
                              const float *slope, float *gradient) {
  for (size_t n = 0; n < shape.samples; n++) {
    const size_t row = n * shape.slots;
    through_gamma(shape, frame + n * values(shape), psi + row * values(shape), gamma + row * shape.pixels,
                  slope + row * shape.pixels, gradient + row * values(shape));
  }
}
