// Convolution of bfloat16 numbers with AMX, as Intel's servers have it since Sapphire Rapids.

#if defined(__x86_64__)

#include "CKernels.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,bmi,bmi2,avx512f,avx512vl,avx512bw,avx512dq,avx512cd," \
                          "amx-tile,amx-bf16"))), \
    apply_to = function)

#define CK_CONV ck_amx_conv
#define CK_CONV_WEIGHTS ck_amx_conv_weights
#include "../kernels/amx.h"  // CK_CONV, CK_CONV_WEIGHTS

#pragma clang attribute pop
#endif
