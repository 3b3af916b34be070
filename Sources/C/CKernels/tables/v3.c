// The kernels for x86-64-v3: AVX2 and fused multiply-add, vectors of eight floats.

#if defined(__x86_64__)
#define CK_LANES 8
#define CK_TILE_ONE 8
#define CK_TILE_TWO 4
#define CK_TABLE ck_v3
#define CK_NAME "x86-64-v3"
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#include "float32.h"  // CK_TABLE and all that is in it
#pragma clang attribute pop
#endif
