#include "placement.h"

#include <string.h>

#include "gmm.h"
#include "lanes.h"
#include "rows.h"

// What is written never overlaps what is read, which the compiler cannot know.
#define ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

struct axis {
  size_t places, extent, side, pad, block;
};

static struct axis along_x(struct nem_placement p) {
  return (struct axis){nem_places(p.width, p.side, p.pad), p.width, p.side, p.pad, p.channels};
}

static struct axis along_y(struct nem_placement p) {
  return (struct axis){nem_places(p.height, p.side, p.pad), p.height, p.side, p.pad, p.width * p.channels};
}

// One axis of a window in a line: `extent` and `side` count blocks of `block` floats.
static size_t overlap(struct axis a, size_t place, size_t *in_line, size_t *in_window) {
  const size_t before = place < a.pad ? a.pad - place : 0, start = place + before - a.pad;
  if (before >= a.side || start >= a.extent) return 0;
  const size_t shown = a.side - before, left = a.extent - start;
  *in_line = start * a.block;
  *in_window = before * a.block;
  return (shown < left ? shown : left) * a.block;
}

#define LOOPS "placement_loops.h"
#include "instruction_sets.h"

struct job {
  struct nem_placement shape;
  const float *beliefs, *windows, *strips, *pictures;
  float *window_out, *strip_out, *picture_out, *belief_gradient;
};

struct sizes {
  size_t belief, window, strip, picture;
};

// Floats of one row, times `row`.
static struct sizes places_of(struct nem_placement p, size_t row) {
  const size_t line = p.width * p.channels;
  return (struct sizes){row * (along_x(p).places + along_y(p).places), row * p.side * p.side * p.channels,
                        row * p.side * line, row * p.height * line};
}

static void place_row(const void *arguments, size_t row) {
  const struct job *j = arguments;
  const struct sizes at = places_of(j->shape, row);
  const int level = nem_cpu_level();
  DISPATCH(place, j->shape, j->beliefs + at.belief, j->windows + at.window, j->strip_out + at.strip,
           j->picture_out + at.picture);
}

static void place_backward_row(const void *arguments, size_t row) {
  const struct job *j = arguments;
  const struct sizes at = places_of(j->shape, row);
  const int level = nem_cpu_level();
  DISPATCH(place_backward, j->shape, j->beliefs + at.belief, j->windows + at.window, j->strips + at.strip,
           j->pictures + at.picture, j->strip_out + at.strip, j->window_out + at.window,
           j->belief_gradient + at.belief);
}

static void cut_row(const void *arguments, size_t row) {
  const struct job *j = arguments;
  const struct sizes at = places_of(j->shape, row);
  const int level = nem_cpu_level();
  DISPATCH(cut, j->shape, j->beliefs + at.belief, j->pictures + at.picture, j->strip_out + at.strip,
           j->window_out + at.window);
}

static void cut_backward_row(const void *arguments, size_t row) {
  const struct job *j = arguments;
  const struct sizes at = places_of(j->shape, row);
  const int level = nem_cpu_level();
  DISPATCH(cut_backward, j->shape, j->beliefs + at.belief, j->pictures + at.picture, j->strips + at.strip,
           j->windows + at.window, j->strip_out + at.strip, j->picture_out + at.picture,
           j->belief_gradient + at.belief);
}

static void run(const struct job *job, void (*body)(const void *arguments, size_t row)) {
  nem_for_rows(job->shape.rows, places_of(job->shape, 1).picture, job, body);
}

void nem_place(struct nem_placement shape, const float *beliefs, const float *windows, float *strips,
               float *pictures) {
  run(&(struct job){.shape = shape, .beliefs = beliefs, .windows = windows, .strip_out = strips,
                    .picture_out = pictures}, place_row);
}

void nem_place_backward(struct nem_placement shape, const float *beliefs, const float *windows, const float *strips,
                        const float *picture_gradient, float *strip_gradient, float *window_gradient,
                        float *belief_gradient) {
  run(&(struct job){.shape = shape, .beliefs = beliefs, .windows = windows, .strips = strips,
                    .pictures = picture_gradient, .strip_out = strip_gradient, .window_out = window_gradient,
                    .belief_gradient = belief_gradient}, place_backward_row);
}

void nem_cut(struct nem_placement shape, const float *beliefs, const float *pictures, float *strips, float *windows) {
  run(&(struct job){.shape = shape, .beliefs = beliefs, .pictures = pictures, .strip_out = strips,
                    .window_out = windows}, cut_row);
}

void nem_cut_backward(struct nem_placement shape, const float *beliefs, const float *pictures, const float *strips,
                      const float *window_gradient, float *strip_gradient, float *picture_gradient,
                      float *belief_gradient) {
  run(&(struct job){.shape = shape, .beliefs = beliefs, .pictures = pictures, .strips = strips,
                    .windows = window_gradient, .strip_out = strip_gradient, .picture_out = picture_gradient,
                    .belief_gradient = belief_gradient}, cut_backward_row);
}
