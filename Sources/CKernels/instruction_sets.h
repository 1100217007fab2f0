// Includes the file LOOPS once per instruction set; in it TARGET(name) appends the set's suffix.

#include "dispatch.h"

#define TARGET(name) name##_baseline
#include "elementary.h"
#include LOOPS

#if __x86_64__
#undef TARGET
#define TARGET(name) name##_v3
#pragma clang attribute push(NEM_TARGET_V3, apply_to = function)
#include "elementary.h"
#include LOOPS
#pragma clang attribute pop
#undef TARGET
#define TARGET(name) name##_v4
#pragma clang attribute push(NEM_TARGET_V4, apply_to = function)
#include "elementary.h"
#include LOOPS
#pragma clang attribute pop
#endif

#undef TARGET
#undef LOOPS
