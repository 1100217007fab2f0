// What a mixture of slots computes for each pixel: residual, E-step, loss, and their gradients. One thread.
#ifndef NEM_STREAM_MIXTURE_H
#define NEM_STREAM_MIXTURE_H

#include <stdbool.h>
#include <stddef.h>

// ψ and δ are [samples, slots, pixels, channels], γ is [samples, slots, pixels], a frame [samples, pixels, channels].
struct nem_mixture {
  size_t samples, slots, pixels, channels;
  // 0 for Bernoulli; else σ of the Gaussian's E-step, whose loss has σ = 1.
  float sigma;
  // Bernoulli's: whether P(x|ψ) of a value between 0 and 1 is ψˣ (1−ψ)¹⁻ˣ, or xψ + (1−x)(1−ψ).
  bool grey;
};

// δ_k = γ_k (x − ψ_k).
void nem_residual(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma, float *delta);

// dL/dψ −= γ dL/dδ.
void nem_residual_backward(struct nem_mixture shape, const float *gamma, const float *delta_gradient, float *gradient);

// What a slot sees of a frame, three values in place of each of δ: δ_k, its share γ_k x, and x − max_{j≠k} ψ_j, which the
// others leave; with one slot that is x. [samples, slots, pixels, channels, 3].
enum { NEM_VIEWS = 3 };
void nem_views(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma, float *views);

// Takes from dL/dψ, and adds to dL/dγ unless `slope` is null, what comes from the views of the corrupted frame.
void nem_views_backward(struct nem_mixture shape, const float *corrupted, const float *psi, const float *gamma,
                        const float *views_gradient, float *gradient, float *slope);

// γ_k = (p_k + 1e-6) / Σ_j (p_j + 1e-6).
void nem_expectation(struct nem_mixture shape, const float *frame, const float *psi, float *gamma);

// Σ γ·(−log P(x|ψ)) + prior_weight Σ (1−γ)·KL, and in `gradient` its slope along ψ times `scale`.
double nem_mixture_loss(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma,
                        float prior_weight, float scale, float *gradient);

// dL/dγ · scale, of that loss or, without `inside`, of its prior's sum alone; [samples, slots, pixels].
void nem_gamma_slope(struct nem_mixture shape, const float *frame, const float *psi, float prior_weight, float scale,
                     bool inside, float *slope);

// Adds to dL/dγ what comes from δ = γ (x̃ − ψ) of the step that sees the corrupted frame x̃.
void nem_gamma_slope_of_residual(struct nem_mixture shape, const float *corrupted, const float *psi,
                                 const float *delta_gradient, float *slope);

// Adds to dL/dψ what reaches ψ through γ, with `slope` = dL/dγ.
void nem_expectation_backward(struct nem_mixture shape, const float *frame, const float *psi, const float *gamma,
                              const float *slope, float *gradient);

#endif
