// Included once per instruction set: TARGET(name) appends the set's suffix.

// log ψ and log (1 − ψ) of ψ kept `least` from 0 and 1
static void TARGET(logarithms)(const float *psi, size_t count, float least, float *lit, float *dark) {
  ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    const float above = psi[i] > least ? psi[i] : least, p = above < 1.0f - least ? above : 1.0f - least;
    lit[i] = TARGET(logarithm)(p);
    dark[i] = TARGET(logarithm)(1.0f - p);
  }
}

// What a window, whose corner stands at LANES places one beside the other, would add to the frame's likelihood.
static void TARGET(compare_places)(struct bordered b, const float *window_lit, const float *window_dark, size_t side,
                                   size_t corner, float sums[LANES]) {
  for (size_t l = 0; l < LANES; l++) sums[l] = 0.0f;
  for (size_t v = 0; v < side; v++)
    for (size_t u = 0; u < side; u++) {
      const float lit = window_lit[v * side + u], dark = window_dark[v * side + u];
      const size_t at = corner + v * b.stride + u;
      for (size_t l = 0; l < LANES; l++) {
        const float x = b.frame[at + l], gain = lit - b.lit[at + l], loss = b.dark[at + l] - dark;
        sums[l] += x * (gain > 0.0f ? gain : 0.0f) - (1.0f - x) * (loss > 0.0f ? loss : 0.0f);
      }
    }
}

static void TARGET(place_evidence)(struct nem_placement p, const float *frame, const float *others,
                                   const float *window, float least, float *scratch, float *evidence) {
  const struct bordered b = bordered(p, scratch);
  const size_t cells = p.side * p.side, plane = bordered_plane(p);
  float *window_lit = scratch + 3 * plane, *window_dark = window_lit + cells;
  TARGET(logarithms)(window, cells, least, window_lit, window_dark);
  memset(b.frame, 0, plane * sizeof(float));
  memset(b.lit, 0, plane * sizeof(float));
  TARGET(logarithms)(b.lit, plane, least, b.lit, b.dark);
  for (size_t y = 0; y < p.height; y++) {
    const size_t at = (y + p.pad) * b.stride + p.pad;
    memcpy(b.frame + at, frame + y * p.width, p.width * sizeof(float));
    TARGET(logarithms)(others + y * p.width, p.width, least, b.lit + at, b.dark + at);
  }
  const size_t across = nem_places(p.width, p.side, p.pad), down = nem_places(p.height, p.side, p.pad);
  for (size_t j = 0; j < down; j++)
    for (size_t i = 0; i < across; i += LANES) {
      float sums[LANES];
      TARGET(compare_places)(b, window_lit, window_dark, p.side, j * b.stride + i, sums);
      const size_t left = across - i;
      memcpy(evidence + j * across + i, sums, (left < LANES ? left : LANES) * sizeof(float));
    }
}
