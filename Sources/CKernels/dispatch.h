#ifndef NEM_STREAM_DISPATCH_H
#define NEM_STREAM_DISPATCH_H

// Kernels exist once per instruction set: NAME_baseline, and on x86-64 NAME_v3 and NAME_v4, which inline the same code.
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NEM_TARGET_V3 __attribute__((target("arch=x86-64-v3")))
#define NEM_TARGET_V4 __attribute__((target("arch=x86-64-v4,no-prefer-256-bit")))

// Calls the variant for `level`, as nem_cpu_level() counts them.
#if __x86_64__
#define DISPATCH(name, ...)                                                                                            \
  if (level >= 2) return name##_v4(__VA_ARGS__);                                                                       \
  if (level == 1) return name##_v3(__VA_ARGS__);                                                                       \
  name##_baseline(__VA_ARGS__)
#else
#define DISPATCH(name, ...)                                                                                            \
  (void)level;                                                                                                         \
  name##_baseline(__VA_ARGS__)
#endif

#endif
