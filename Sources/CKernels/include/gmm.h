#ifndef NEM_STREAM_GMM_H
#define NEM_STREAM_GMM_H

#include <stddef.h>
#include <stdint.h>

// Per-pixel Gaussian mixture over luma in Zivkovic's online form. One plane per component and quantity, in 16-bit fixed
// point so that the state of a 720p picture stays in the cache: weight · 65536, mean · 256, variance · 64. Components
// are sorted by falling weight at every pixel.
#define NEM_GMM_MAX_COMPONENTS 5
#define NEM_GMM_BLOCK 32

typedef struct {
  uint16_t *weight[NEM_GMM_MAX_COMPONENTS];
  uint16_t *mean[NEM_GMM_MAX_COMPONENTS];
  uint16_t *variance[NEM_GMM_MAX_COMPONENTS];
  uint8_t *history; // what is known of each whole block of NEM_GMM_BLOCK pixels; 0 at the beginning
} nem_gmm_planes;

// Settings of one frame, the same for all of its pixels.
typedef struct {
  float rate;             // α, above 0, at most 1
  float prune;            // α · complexity prior
  float match;            // squared distance in variances below which a component owns the value
  float background_ratio; // components whose heavier ones hold less than this are background
  float calm_variance;    // of the heaviest component, above which the ratio grows
  float restless_slope;   // by this for each unit of variance
  float restless_ratio;   // until it is this
  float initial_variance;
  float minimum_variance;
  float maximum_variance;
  float evidence_scale; // evidence per squared distance in variances
  float gain;           // factor on the luma, which then ends at 255
  float dither;         // 0…1, added before rounding down to fixed point; changes per frame: slow drift survives
} nem_gmm_step;

// The widest instruction set this processor runs: 0 baseline, 1 x86-64-v3, 2 x86-64-v4.
int nem_cpu_level(void);

// Updates `count` pixels and writes their evidence of being foreground, min(255, distance² / variance · scale) from the
// nearest background component. `level` may be any value up to nem_cpu_level(): the results are the same bits.
void nem_gmm_update(const nem_gmm_step *step, int components, const nem_gmm_planes *planes, const uint8_t *luma,
                    uint8_t *evidence, size_t count, int level);

// Writes the evidence alone; nothing is learned.
void nem_gmm_compare(const nem_gmm_step *step, int components, const nem_gmm_planes *planes, const uint8_t *luma,
                     uint8_t *evidence, size_t count, int level);

// The value around which those of each of `count` columns of `rows` (1…255) rows, `pitch` bytes apart, lie densest: each counts
// as far as it is nearer than `reach`.
void nem_mode(const uint8_t *values, int rows, size_t pitch, uint8_t reach, uint8_t *mode, size_t count, int level);

// The means of 3 × 3 values, rounded down; the border is repeated.
void nem_smooth(const uint8_t *evidence, int width, int height, uint8_t *smooth, int level);

// Binary majority: 255 where more than half of the (2·radius + 1)² values around a pixel reach `threshold`, else 0;
// the border is repeated. radius 0…7.
void nem_majority(const uint8_t *evidence, int width, int height, int radius, uint8_t threshold, uint8_t *mask,
                  int level);

#endif
