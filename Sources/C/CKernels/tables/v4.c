// The kernels for x86-64-v4: AVX-512, vectors of sixteen floats. Features are named one by one,
// since arch=x86-64-v4 makes clang prefer vectors of half the width.

#if defined(__x86_64__)
#define CK_LANES 16
#define CK_TILE_ONE 16
#define CK_TILE_TWO 8
#define CK_TABLE ck_v4
#define CK_NAME "x86-64-v4"
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,bmi,bmi2,avx512f,avx512vl,avx512bw,avx512dq,avx512cd"))), \
    apply_to = function)
#include "float32.h"  // CK_TABLE and all that is in it
#pragma clang attribute pop
#endif
