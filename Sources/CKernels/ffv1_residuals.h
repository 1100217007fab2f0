#ifndef NEM_STREAM_FFV1_RESIDUALS_H
#define NEM_STREAM_FFV1_RESIDUALS_H

// The lowest layer of FFV1's Golomb-Rice coding: bits, and residuals in the codes of their context.

#include <stdint.h>
#include <string.h>

enum { FFV1_ESCAPE_LIMIT = 12, FFV1_BITS = 8, FFV1_SPARE_BYTES = sizeof(uint64_t) };

// Section 3.8.2.4 of RFC 9043: what one context has learnt about its residuals.
typedef struct {
  int16_t drift;
  uint16_t error_sum;
  int8_t bias;
  uint8_t count;
} adaptive_state;

typedef struct {
  uint8_t *next;
  uint64_t bits;
  int filled;
} bit_writer;

static inline uint64_t big_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return __builtin_bswap64(word);
#else
  return word;
#endif
}

// 1 to 25 bits a call, so that 7 + 25 bits always fit. All of them go out without asking how many bytes they fill: what
// is no whole byte yet is written again, and up to FFV1_SPARE_BYTES after the last byte are touched.
static inline void put(bit_writer *w, int count, uint32_t value) {
  w->bits = w->bits << count | value;
  w->filled += count;
  const uint64_t bytes = big_endian(w->bits << (64 - w->filled));
  memcpy(w->next, &bytes, sizeof bytes);
  w->next += w->filled / 8;
  w->filled %= 8;
}

// Section 3.8.2.4, with the sums halved after 128 values.
static inline void learn(adaptive_state *s, int value) {
  int drift = s->drift + value, count = s->count;
  int error_sum = s->error_sum + (value < 0 ? -value : value);
  if (count == 128) {
    count >>= 1;
    drift >>= 1;
    error_sum >>= 1;
  }
  count++;
  if (drift <= -count) {
    if (s->bias > -128) s->bias--;
    drift += count;
    if (drift <= -count) drift = -count + 1;
  } else if (drift > 0) {
    if (s->bias < 127) s->bias++;
    drift -= count;
    if (drift > 0) drift = 0;
  }
  s->drift = (int16_t)drift;
  s->error_sum = (uint16_t)error_sum;
  s->count = (uint8_t)count;
}

// The least k for which count · 2^k is at least the sum of errors; count is above 0.
static inline int rice_parameter(const adaptive_state *s) {
  const int k = __builtin_clz(s->count) - __builtin_clz(s->error_sum | 1u);
  if (k < 0) return 0;
  return k + (((uint32_t)s->count << k) < s->error_sum);
}

static inline void put_residual(bit_writer *w, adaptive_state *s, int residual) {
  int value = (int8_t)(residual - s->bias);
  const int k = rice_parameter(s);
  int code = 2 * s->drift + s->count < 0 ? ~value : value;
  uint32_t folded = code < 0 ? (uint32_t)(-2 * code - 1) : (uint32_t)(2 * code);
  uint32_t prefix = folded >> k;
  if (prefix < FFV1_ESCAPE_LIMIT) {
    put(w, (int)prefix + k + 1, 1u << k | (folded & ((1u << k) - 1)));
  } else {
    put(w, FFV1_ESCAPE_LIMIT + FFV1_BITS, folded - FFV1_ESCAPE_LIMIT + 1);
  }
  learn(s, value);
}

#endif
