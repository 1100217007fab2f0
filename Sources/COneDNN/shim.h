// oneDNN's C API, and the two libgomp entry points that its thread pool is shared through.
#ifndef NEM_STREAM_CONEDNN_SHIM_H
#define NEM_STREAM_CONEDNN_SHIM_H

#include <oneapi/dnnl/dnnl.h>

void omp_set_num_threads(int count);
int omp_get_max_threads(void);

#endif
