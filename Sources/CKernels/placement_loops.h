// Included once per instruction set: TARGET(name) appends the set's suffix.

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
    size_t in_line, in_window, count = overlap(a, i, &in_line, &in_window);
    if (count) TARGET(accumulate)(window + in_window, belief[i], count, line + in_line);
  }
}

// window += what it would show of the line at each place, weighed by the belief in it
static void TARGET(gather)(struct axis a, const float *belief, const float *line, float *window) {
  for (size_t i = 0; i < a.places; i++) {
    size_t in_line, in_window, count = overlap(a, i, &in_line, &in_window);
    if (count) TARGET(accumulate)(line + in_line, belief[i], count, window + in_window);
  }
}

// gradient[i] += what the window at place i has in common with the line
static void TARGET(compare)(struct axis a, const float *line, const float *window, float *gradient) {
  for (size_t i = 0; i < a.places; i++) {
    size_t in_line, in_window, count = overlap(a, i, &in_line, &in_window);
    if (count) gradient[i] += TARGET(product)(line + in_line, window + in_window, count);
  }
}

// picture += the window wherever it may be
static void TARGET(spread)(struct nem_placement p, const float *belief, const float *window, float *strip,
                           float *picture) {
  const struct axis x = along_x(p), y = along_y(p);
  memset(strip, 0, p.side * y.block * sizeof(float));
  for (size_t v = 0; v < p.side; v++) {
    TARGET(scatter)(x, belief, window + v * p.side * x.block, strip + v * y.block);
  }
  TARGET(scatter)(y, belief + x.places, strip, picture);
}

// What a place along y has to do with picture and strip, and one along x with strip and window; of each pair one is a
// value and the other a slope.
static void TARGET(compare_axes)(struct nem_placement p, const float *picture, const float *strip_along_y,
                                 const float *strip_along_x, const float *window, float *belief_gradient) {
  const struct axis x = along_x(p), y = along_y(p);
  TARGET(compare)(y, picture, strip_along_y, belief_gradient + x.places);
  for (size_t v = 0; v < p.side; v++) {
    TARGET(compare)(x, strip_along_x + v * y.block, window + v * p.side * x.block, belief_gradient);
  }
}

static void TARGET(place)(struct nem_placement p, const float *belief, const float *window, float *strip,
                          float *picture) {
  memset(picture, 0, p.height * p.width * p.channels * sizeof(float));
  TARGET(spread)(p, belief, window, strip, picture);
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

static void TARGET(place_backward)(struct nem_placement p, const float *belief, const float *window,
                                   const float *strip, const float *picture_gradient, float *strip_gradient,
                                   float *window_gradient, float *belief_gradient) {
  TARGET(cut)(p, belief, picture_gradient, strip_gradient, window_gradient);
  TARGET(compare_axes)(p, picture_gradient, strip, strip_gradient, window, belief_gradient);
}

static void TARGET(cut_backward)(struct nem_placement p, const float *belief, const float *picture,
                                 const float *strip, const float *window_gradient, float *strip_gradient,
                                 float *picture_gradient, float *belief_gradient) {
  TARGET(spread)(p, belief, window_gradient, strip_gradient, picture_gradient);
  TARGET(compare_axes)(p, picture, strip_gradient, strip, window_gradient, belief_gradient);
}
