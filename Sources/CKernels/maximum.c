#include "maximum.h"

#include <string.h>

#include "gmm.h"
#include "lanes.h"
#include "rows.h"

// What is written never overlaps what is read otherwise than element by element, which the compiler cannot know.
#define ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

// The picture with its border of `pad`, and room for LANES places past the last one in each line.
struct bordered {
  float *frame, *lit, *dark;
  size_t stride;
};

static size_t bordered_stride(struct nem_placement p) { return p.width + 2 * p.pad + LANES; }

static size_t bordered_plane(struct nem_placement p) { return (p.height + 2 * p.pad) * bordered_stride(p); }

static struct bordered bordered(struct nem_placement p, float *scratch) {
  const size_t plane = bordered_plane(p);
  return (struct bordered){scratch, scratch + plane, scratch + 2 * plane, bordered_stride(p)};
}

#define LOOPS "maximum_loops.h"
#include "instruction_sets.h"

struct job {
  struct nem_placement shape;
  const float *frames, *others, *windows;
  float least, *scratch, *evidence;
};

size_t nem_place_evidence_scratch(struct nem_placement shape) {
  return 3 * bordered_plane(shape) + 2 * shape.side * shape.side;
}

static void evidence_row(const void *arguments, size_t row) {
  const struct job *j = arguments;
  const struct nem_placement p = j->shape;
  const size_t picture = row * p.height * p.width;
  const size_t places = nem_places(p.width, p.side, p.pad) * nem_places(p.height, p.side, p.pad);
  const int level = nem_cpu_level();
  DISPATCH(place_evidence, p, j->frames + picture, j->others + picture, j->windows + row * p.side * p.side, j->least,
           j->scratch + row * nem_place_evidence_scratch(p), j->evidence + row * places);
}

void nem_place_evidence(struct nem_placement shape, const float *frames, const float *others, const float *windows,
                        float least, float *scratch, float *evidence) {
  nem_for_rows(shape.rows, shape.side * shape.side * shape.height,
               &(struct job){shape, frames, others, windows, least, scratch, evidence}, evidence_row);
}
