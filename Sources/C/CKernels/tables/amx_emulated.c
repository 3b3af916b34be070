// The kernels for AMX on an emulation of its tiles, for tests on processors without it.

#if defined(__x86_64__)

#include "CKernels.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,bmi,bmi2,avx512f,avx512vl,avx512bw,avx512dq,avx512cd"))), \
    apply_to = function)

#define EMULATE_TILES
#define CK_CONV ck_emulated_conv
#define CK_CONV_WEIGHTS ck_emulated_conv_weights
#include "../kernels/amx.h"  // CK_CONV, CK_CONV_WEIGHTS

#pragma clang attribute pop
#endif
