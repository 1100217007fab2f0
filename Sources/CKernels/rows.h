#ifndef NEM_STREAM_ROWS_H
#define NEM_STREAM_ROWS_H

#include <stddef.h>

// Calls body for each row, on the threads that oneDNN computes on; small jobs on the caller's own.
void nem_for_rows(size_t rows, size_t features, const void *arguments,
                  void (*body)(const void *arguments, size_t row));

#endif
