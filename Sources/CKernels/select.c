// Chooses among the compiled instruction sets by what the processor has.

#include "CKernels.h"

extern const struct ck_kernels ck_portable;
#if defined(__x86_64__)
extern const struct ck_kernels ck_v3;
extern const struct ck_kernels ck_v4;
extern const struct ck_bfloat16 ck_v4_bfloat16;
#endif

const struct ck_kernels *ck_select(int limit) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  int v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  int v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  if (v4 && limit >= 2) return &ck_v4;
  if (v3 && limit >= 1) return &ck_v3;
#endif
  (void)limit;
  return &ck_portable;
}

const struct ck_bfloat16 *ck_select_bfloat16(void) {
#if defined(__x86_64__)
  if (ck_select(2) == &ck_v4 && __builtin_cpu_supports("avx512bf16")) return &ck_v4_bfloat16;
#endif
  return 0;
}
