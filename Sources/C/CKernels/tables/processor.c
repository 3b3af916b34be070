// What the processor and the system have, by the instructions cpuid and xgetbv.

#include "processor.h"

#include "CKernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#if defined(__x86_64__)
int ck_has_v3(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

int ck_has_v4(void) {
  return ck_has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

int ck_has_bfloat16(void) { return ck_has_v4() && __builtin_cpu_supports("avx512bf16"); }
#else
int ck_has_v3(void) { return 0; }
int ck_has_v4(void) { return 0; }
int ck_has_bfloat16(void) { return 0; }
#endif

int ck_allows_amx_bfloat16(uint32_t leaf7_edx, uint64_t kept_states) {
  const uint32_t amx_bf16 = 1u << 22, amx_tile = 1u << 24;
  const uint64_t tile_configuration = 1u << 17, tile_data = 1u << 18;
  const uint32_t flags = amx_bf16 | amx_tile;
  const uint64_t states = tile_configuration | tile_data;
  return (leaf7_edx & flags) == flags && (kept_states & states) == states;
}

int ck_has_amx_bfloat16(void) {
#if defined(__x86_64__)
  const unsigned os_xsave = 1u << 27;
  unsigned a, b, c, d, low, high;
  // xgetbv may be used only where the system has switched it on.
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & os_xsave)) return 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  return ck_allows_amx_bfloat16(d, (uint64_t)high << 32 | low);
#else
  return 0;
#endif
}
