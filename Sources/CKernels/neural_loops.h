// Included once per instruction set: TARGET(name) appends the set's suffix.

static inline float TARGET(sigmoid)(float x) { return 1.0f / (1.0f + TARGET(exponential)(-x)); }

static void TARGET(activate)(const float *z, float *y, size_t count, int activation) {
  switch (activation) {
    case NEM_SIGMOID:
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) y[i] = TARGET(sigmoid)(z[i]);
      break;
    case NEM_TANH:
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) y[i] = 2.0f * TARGET(sigmoid)(2.0f * z[i]) - 1.0f;
      break;
    case NEM_RELU:
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) y[i] = z[i] > 0.0f ? z[i] : 0.0f;
      break;
    case NEM_ELU:
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) {
        float negative = TARGET(exponential)(z[i] < 0.0f ? z[i] : 0.0f) - 1.0f;
        y[i] = z[i] > 0.0f ? z[i] : negative;
      }
      break;
    default:
      if (z != y) memcpy(y, z, count * sizeof(float));
  }
}

static void TARGET(activate_backward)(float *g, const float *y, size_t count, int activation) {
  switch (activation) {
    case NEM_SIGMOID:
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) g[i] *= y[i] * (1.0f - y[i]);
      break;
    case NEM_TANH:
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) g[i] *= 1.0f - y[i] * y[i];
      break;
    case NEM_RELU:
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) g[i] = y[i] > 0.0f ? g[i] : 0.0f;
      break;
    case NEM_ELU:
      ELEMENTWISE
      for (size_t i = 0; i < count; i++) g[i] *= y[i] > 0.0f ? 1.0f : y[i] + 1.0f;
      break;
    default:
      break;
  }
}

static void TARGET(norm_forward)(const float *z, float *y, float *stats, const float *gain, const float *bias,
                                 size_t positions, size_t channels, int activation) {
  size_t count = positions * channels;
  float sums[LANES] = {0};
  size_t whole = count - count % LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (size_t l = 0; l < LANES; l++) sums[l] += z[i + l];
  for (size_t i = whole; i < count; i++) sums[i - whole] += z[i];
  float mean = lane_sum(sums) / (float)count;
  float squares[LANES] = {0};
  for (size_t i = 0; i < whole; i += LANES)
    for (size_t l = 0; l < LANES; l++) squares[l] += (z[i + l] - mean) * (z[i + l] - mean);
  for (size_t i = whole; i < count; i++) squares[i - whole] += (z[i] - mean) * (z[i] - mean);
  float scale = 1.0f / sqrtf(lane_sum(squares) / (float)count + 1e-5f);
  stats[0] = mean;
  stats[1] = scale;
  for (size_t p = 0; p < positions; p++) {
    const float *source = z + p * channels;
    float *target = y + p * channels;
    for (size_t c = 0; c < channels; c++) target[c] = (source[c] - mean) * scale * gain[c] + bias[c];
  }
  TARGET(activate)(y, y, count, activation);
}

static void TARGET(norm_backward)(float *g, const float *z, const float *y, const float *stats, const float *gain,
                                  float *gain_grad, float *bias_grad, size_t positions, size_t channels,
                                  int activation) {
  size_t count = positions * channels;
  float mean = stats[0], scale = stats[1];
  TARGET(activate_backward)(g, y, count, activation);
  memset(gain_grad, 0, channels * sizeof(float));
  memset(bias_grad, 0, channels * sizeof(float));
  for (size_t p = 0; p < positions; p++) {
    const float *source = z + p * channels, *slope = g + p * channels;
    for (size_t c = 0; c < channels; c++) {
      gain_grad[c] += slope[c] * (source[c] - mean) * scale;
      bias_grad[c] += slope[c];
    }
  }
  float along = 0.0f, total = 0.0f;
  for (size_t c = 0; c < channels; c++) {
    total += bias_grad[c] * gain[c];
    along += gain_grad[c] * gain[c];
  }
  total /= (float)count;
  along /= (float)count;
  for (size_t p = 0; p < positions; p++) {
    const float *source = z + p * channels;
    float *slope = g + p * channels;
    for (size_t c = 0; c < channels; c++)
      slope[c] = scale * (slope[c] * gain[c] - total - (source[c] - mean) * scale * along);
  }
}

static void TARGET(adam)(float *value, const float *gradient, float *first, float *second, size_t count, float rate,
                         float beta1, float beta2, float epsilon) {
  for (size_t i = 0; i < count; i++) {
    float g = gradient[i];
    first[i] = beta1 * first[i] + (1.0f - beta1) * g;
    second[i] = beta2 * second[i] + (1.0f - beta2) * g * g;
    value[i] -= rate * first[i] / (sqrtf(second[i]) + epsilon);
  }
}
