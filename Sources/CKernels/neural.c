#include "neural.h"

#include <math.h>
#include <string.h>

#include "gmm.h"
#include "lanes.h"
#include "rows.h"

// y may be z itself: element by element that is safe, which the compiler cannot know.
#define ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

#define LOOPS "neural_loops.h"
#include "instruction_sets.h"

// libgomp's own entry points: its threads are the ones that oneDNN computes on.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);

struct rows_job {
  void (*body)(const void *arguments, size_t row);
  const void *arguments;
  size_t rows;
};

static void run_share(void *data) {
  const struct rows_job *job = data;
  size_t thread = (size_t)omp_get_thread_num(), threads = (size_t)omp_get_num_threads();
  size_t end = job->rows * (thread + 1) / threads;
  for (size_t row = job->rows * thread / threads; row < end; row++) job->body(job->arguments, row);
}

void nem_for_rows(size_t rows, size_t features, const void *arguments,
                  void (*body)(const void *arguments, size_t row)) {
  if (omp_get_max_threads() == 1 || rows * features < 32768) {
    for (size_t row = 0; row < rows; row++) body(arguments, row);
  } else {
    struct rows_job job = {body, arguments, rows};
    GOMP_parallel(run_share, &job, 0, 0);
  }
}

struct elementwise {
  const float *z, *y;
  float *out;
  size_t features;
  int activation;
};

static void forward_row(const void *arguments, size_t row) {
  const struct elementwise *a = arguments;
  const int level = nem_cpu_level();
  DISPATCH(activate, a->z + row * a->features, a->out + row * a->features, a->features, a->activation);
}

static void backward_row(const void *arguments, size_t row) {
  const struct elementwise *a = arguments;
  const int level = nem_cpu_level();
  DISPATCH(activate_backward, a->out + row * a->features, a->y + row * a->features, a->features, a->activation);
}

void nem_activation_forward(const float *z, float *y, size_t rows, size_t features, int activation) {
  struct elementwise a = {.z = z, .out = y, .features = features, .activation = activation};
  nem_for_rows(rows, features, &a, forward_row);
}

void nem_activation_backward(float *g, const float *y, size_t rows, size_t features, int activation) {
  struct elementwise a = {.y = y, .out = g, .features = features, .activation = activation};
  nem_for_rows(rows, features, &a, backward_row);
}

struct norm {
  const float *z, *y, *gain, *bias;
  float *out, *stats, *gain_grad, *bias_grad;
  size_t positions, channels;
  int activation;
};

static void norm_forward_row(const void *arguments, size_t row) {
  const struct norm *a = arguments;
  size_t offset = row * a->positions * a->channels;
  const int level = nem_cpu_level();
  DISPATCH(norm_forward, a->z + offset, a->out + offset, a->stats + 2 * row, a->gain, a->bias, a->positions,
           a->channels, a->activation);
}

static void norm_backward_row(const void *arguments, size_t row) {
  const struct norm *a = arguments;
  size_t offset = row * a->positions * a->channels;
  const int level = nem_cpu_level();
  DISPATCH(norm_backward, a->out + offset, a->z + offset, a->y + offset, a->stats + 2 * row, a->gain,
           a->gain_grad + row * a->channels, a->bias_grad + row * a->channels, a->positions, a->channels,
           a->activation);
}

void nem_norm_forward(const float *z, float *y, float *stats, const float *gain, const float *bias, size_t rows,
                      size_t positions, size_t channels, int activation) {
  struct norm a = {.z = z, .out = y, .stats = stats, .gain = gain, .bias = bias, .positions = positions,
                   .channels = channels, .activation = activation};
  nem_for_rows(rows, positions * channels, &a, norm_forward_row);
}

void nem_norm_backward(float *g, const float *z, const float *y, const float *stats, const float *gain,
                       float *gain_grad, float *bias_grad, size_t rows, size_t positions, size_t channels,
                       int activation) {
  struct norm a = {.z = z, .y = y, .out = g, .stats = (float *)stats, .gain = gain, .gain_grad = gain_grad,
                   .bias_grad = bias_grad, .positions = positions, .channels = channels, .activation = activation};
  nem_for_rows(rows, positions * channels, &a, norm_backward_row);
}

struct adam {
  float *value, *first, *second;
  const float *gradient;
  size_t count, block;
  float rate, beta1, beta2, epsilon;
};

static void adam_block(const void *arguments, size_t row) {
  const struct adam *a = arguments;
  size_t start = row * a->block, left = a->count - start;
  const int level = nem_cpu_level();
  DISPATCH(adam, a->value + start, a->gradient + start, a->first + start, a->second + start,
           left < a->block ? left : a->block, a->rate, a->beta1, a->beta2, a->epsilon);
}

void nem_adam(float *value, const float *gradient, float *first, float *second, size_t count, float rate, float beta1,
              float beta2, float epsilon) {
  struct adam a = {value, first, second, gradient, count, 4096, rate, beta1, beta2, epsilon};
  nem_for_rows((count + a.block - 1) / a.block, a.block, &a, adam_block);
}
