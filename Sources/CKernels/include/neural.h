// Elementwise loops of the networks: normalisation with activation, Adam. Work is shared over libgomp's threads by
// rows, so results do not depend on the number of threads.
#ifndef NEM_STREAM_NEURAL_H
#define NEM_STREAM_NEURAL_H

#include <stddef.h>

enum { NEM_IDENTITY = 0, NEM_SIGMOID = 1, NEM_TANH = 2, NEM_RELU = 3, NEM_ELU = 4 };

// y = act(z), element by element.
void nem_activation_forward(const float *z, float *y, size_t rows, size_t features, int activation);

// g holds dL/dy on entry and dL/dz on return; every activation's slope is a function of y.
void nem_activation_backward(float *g, const float *y, size_t rows, size_t features, int activation);

// Layer normalisation over all features of a row, gain and bias per channel (innermost), then the activation.
// stats receives mean and reciprocal standard deviation of each row.
void nem_norm_forward(const float *z, float *y, float *stats, const float *gain, const float *bias, size_t rows,
                      size_t positions, size_t channels, int activation);

// g holds dL/dy on entry and dL/dz on return; gain_grad and bias_grad ([rows, channels]) receive each row's part.
void nem_norm_backward(float *g, const float *z, const float *y, const float *stats, const float *gain,
                       float *gain_grad, float *bias_grad, size_t rows, size_t positions, size_t channels,
                       int activation);

// One step of Adam (Kingma & Ba 2015) with bias corrections folded into `rate` and `epsilon`.
void nem_adam(float *value, const float *gradient, float *first, float *second, size_t count, float rate, float beta1,
              float beta2, float epsilon);

#endif
