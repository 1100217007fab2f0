// Included once per instruction set: TARGET(name) appends the set's suffix.

// One axis of a window in a line: `extent` and `side` count blocks of `block` floats.
static size_t TARGET(overlap)(struct axis a, size_t place, size_t *in_line, size_t *in_window) {
  const size_t before = place < a.pad ? a.pad - place : 0, start = place + before - a.pad;
  if (before >= a.side || start >= a.extent) return 0;
  const size_t shown = a.side - before, left = a.extent - start;
  *in_line = start * a.block;
  *in_window = before * a.block;
  return (shown < left ? shown : left) * a.block;
}

// target += weight · source
static void TARGET(accumulate)(const float *source, float weight, size_t count, float *target) {
  ELEMENTWISE
  for (size_t i = 0; i < count; i++) target[i] += weight * source[i];
}

static float TARGET(product)(const float *a, const float *b, size_t count) {
  float sums[LANES] = {0};
  const size_t whole = count - count % LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (size_t l = 0; l < LANES; l++) sums[l] += a[i + l] * b[i + l];
  for (size_t i = whole; i < count; i++) sums[i - whole] += a[i] * b[i];
  return lane_sum(sums);
}

// line += the window at each place, weighed by the belief in it
static void TARGET(scatter)(struct axis a, const float *belief, const float *window, float *line) {
  for (size_t i = 0; i < a.places; i++) {
    size_t in_line, in_window, count = TARGET(overlap)(a, i, &in_line, &in_window);
    if (count) TARGET(accumulate)(window + in_window, belief[i], count, line + in_line);
  }
}

// window += what it would show of the line at each place, weighed by the belief in it
static void TARGET(gather)(struct axis a, const float *belief, const float *line, float *window) {
  for (size_t i = 0; i < a.places; i++) {
    size_t in_line, in_window, count = TARGET(overlap)(a, i, &in_line, &in_window);
    if (count) TARGET(accumulate)(line + in_line, belief[i], count, window + in_window);
  }
}

// gradient[i] += what the window at place i has in common with the line
static void TARGET(compare)(struct axis a, const float *line, const float *window, float *gradient) {
  for (size_t i = 0; i < a.places; i++) {
    size_t in_line, in_window, count = TARGET(overlap)(a, i, &in_line, &in_window);
    if (count) gradient[i] += TARGET(product)(line + in_line, window + in_window, count);
  }
}

static void TARGET(place)(struct nem_placement p, const float *belief, const float *window, float *strip,
                          float *picture) {
  const struct axis x = along_x(p), y = along_y(p);
  memset(strip, 0, p.side * y.block * sizeof(float));
  memset(picture, 0, p.height * y.block * sizeof(float));
  for (size_t v = 0; v < p.side; v++) {
    TARGET(scatter)(x, belief, window + v * p.side * x.block, strip + v * y.block);
  }
  TARGET(scatter)(y, belief + x.places, strip, picture);
}

static void TARGET(place_backward)(struct nem_placement p, const float *belief, const float *window,
                                   const float *strip, const float *picture_gradient, float *strip_gradient,
                                   float *window_gradient, float *belief_gradient) {
  const struct axis x = along_x(p), y = along_y(p);
  const size_t line = p.side * x.block;
  memset(strip_gradient, 0, p.side * y.block * sizeof(float));
  memset(window_gradient, 0, p.side * line * sizeof(float));
  TARGET(gather)(y, belief + x.places, picture_gradient, strip_gradient);
  TARGET(compare)(y, picture_gradient, strip, belief_gradient + x.places);
  for (size_t v = 0; v < p.side; v++) {
    TARGET(gather)(x, belief, strip_gradient + v * y.block, window_gradient + v * line);
    TARGET(compare)(x, strip_gradient + v * y.block, window + v * line, belief_gradient);
  }
}

static void TARGET(cut)(struct nem_placement p, const float *belief, const float *picture, float *strip,
                        float *window) {
  const struct axis x = along_x(p), y = along_y(p);
  memset(strip, 0, p.side * y.block * sizeof(float));
  memset(window, 0, p.side * p.side * x.block * sizeof(float));
  TARGET(gather)(y, belief + x.places, picture, strip);
  for (size_t v = 0; v < p.side; v++) {
    TARGET(gather)(x, belief, strip + v * y.block, window + v * p.side * x.block);
  }
}

static void TARGET(cut_backward)(struct nem_placement p, const float *belief, const float *picture,
                                 const float *strip, const float *window_gradient, float *strip_gradient,
                                 float *picture_gradient, float *belief_gradient) {
  const struct axis x = along_x(p), y = along_y(p);
  const size_t line = p.side * x.block;
  memset(strip_gradient, 0, p.side * y.block * sizeof(float));
  for (size_t v = 0; v < p.side; v++) {
    TARGET(scatter)(x, belief, window_gradient + v * line, strip_gradient + v * y.block);
    TARGET(compare)(x, strip + v * y.block, window_gradient + v * line, belief_gradient);
  }
  TARGET(scatter)(y, belief + x.places, strip_gradient, picture_gradient);
  TARGET(compare)(y, picture, strip_gradient, belief_gradient + x.places);
}
