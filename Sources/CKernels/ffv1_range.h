#ifndef NEM_STREAM_FFV1_RANGE_H
#define NEM_STREAM_FFV1_RANGE_H

// FFV1's range coder (RFC 9043, section 3.8.1): bits with adaptive states, and whole numbers made of them.

#include <stdbool.h>
#include <stdint.h>

enum { FFV1_STATES = 32, FFV1_FIRST_STATE = 128 };

// Section 3.8.1.6: the state after a 1, as libavcodec sets it in the configuration record for more than 8 bits.
static const uint8_t after_one[256] = {
  0, 10, 10, 10, 10, 16, 16, 16, 28, 16, 16, 29, 42, 49, 20, 49,
  59, 25, 26, 26, 27, 31, 33, 33, 33, 34, 34, 37, 67, 38, 39, 39,
  40, 40, 41, 79, 43, 44, 45, 45, 48, 48, 64, 50, 51, 52, 88, 52,
  53, 74, 55, 57, 58, 58, 74, 60, 101, 61, 62, 84, 66, 66, 68, 69,
  87, 82, 71, 97, 73, 73, 82, 75, 111, 77, 94, 78, 87, 81, 83, 97,
  85, 83, 94, 86, 99, 89, 90, 99, 111, 92, 93, 134, 95, 98, 105, 98,
  105, 110, 102, 108, 102, 118, 103, 106, 106, 113, 109, 112, 114, 112, 116, 125,
  115, 116, 117, 117, 126, 119, 125, 121, 121, 123, 145, 124, 126, 131, 127, 129,
  165, 130, 132, 138, 133, 135, 145, 136, 137, 139, 146, 141, 143, 142, 144, 148,
  147, 155, 151, 149, 151, 150, 152, 157, 153, 154, 156, 168, 158, 162, 161, 160,
  172, 163, 169, 164, 166, 184, 167, 170, 177, 174, 171, 173, 182, 176, 180, 178,
  175, 189, 179, 181, 186, 183, 192, 185, 200, 187, 191, 188, 190, 197, 193, 196,
  197, 194, 195, 196, 198, 202, 199, 201, 210, 203, 207, 204, 205, 206, 208, 214,
  209, 211, 221, 212, 213, 215, 224, 216, 217, 218, 219, 220, 222, 228, 223, 225,
  226, 224, 227, 229, 240, 230, 231, 232, 233, 234, 235, 236, 238, 239, 237, 242,
  241, 243, 242, 244, 245, 246, 247, 248, 249, 250, 251, 252, 252, 253, 254, 255,
};

typedef struct {
  uint8_t *next;
  uint32_t low, range;
  int pending;     // the byte that a carry may still change; -1 before the first
  int pending_ff;  // bytes of 255 after it
} range_coder;

static inline range_coder range_coder_at(uint8_t *out) {
  return (range_coder){.next = out, .range = 0xFF00, .pending = -1};
}

// A byte of `low` goes out once it is known whether it is carried into.
static inline void shift_byte(range_coder *c) {
  if (c->pending >= 0 && c->low > 0xFF00 && c->low < 0x10000) {
    c->pending_ff++;
  } else {
    const int carry = c->low >= 0x10000;
    if (c->pending >= 0) *c->next++ = (uint8_t)(c->pending + carry);
    for (; c->pending_ff > 0; c->pending_ff--) *c->next++ = carry ? 0 : 0xFF;
    c->pending = c->low >> 8 & 0xFF;
  }
  c->low = (c->low & 0xFF) << 8;
  c->range <<= 8;
}

static inline void put_bit(range_coder *c, uint8_t *state, bool bit) {
  const uint32_t one = c->range * *state >> 8;
  if (bit) {
    c->low += c->range - one;
    c->range = one;
    *state = after_one[*state];
  } else {
    c->range -= one;
    *state = (uint8_t)(256 - after_one[256 - *state]);
  }
  while (c->range < 0x100) shift_byte(c);
}

// Section 3.8.1.2: zero or not, the number of binary digits, the digits below the first, the sign.
static inline void put_number(range_coder *c, uint8_t states[FFV1_STATES], int value, bool is_signed) {
  put_bit(c, states, value == 0);
  if (value == 0) return;
  const uint32_t magnitude = (uint32_t)(value < 0 ? -value : value);
  const int digits = 31 - __builtin_clz(magnitude);
  for (int i = 0; i < digits; i++) put_bit(c, states + 1 + (i < 9 ? i : 9), true);
  put_bit(c, states + 1 + (digits < 9 ? digits : 9), false);
  for (int i = digits - 1; i >= 0; i--) put_bit(c, states + 22 + (i < 9 ? i : 9), magnitude >> i & 1);
  if (is_signed) put_bit(c, states + 11 + (digits < 10 ? digits : 10), value < 0);
}

// Section 3.8.1.1.1: ends so that the decoder needs no byte more.
static inline void finish(range_coder *c) {
  uint8_t sentinel = 129;
  put_bit(c, &sentinel, false);
  c->range = 0xFF;
  c->low += 0xFF;
  shift_byte(c);
  c->range = 0xFF;
  shift_byte(c);
}

#endif
