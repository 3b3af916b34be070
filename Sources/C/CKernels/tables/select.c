// Chooses among the compiled instruction sets by what the processor has.

#include "CKernels.h"

#include "processor.h"

extern const struct ck_kernels ck_portable;
#if defined(__x86_64__)
extern const struct ck_kernels ck_v3;
extern const struct ck_kernels ck_v4;
extern const struct ck_bfloat16 ck_v4_bfloat16;
extern const struct ck_bfloat16 ck_amx_bfloat16;
extern const struct ck_bfloat16 ck_emulated_bfloat16;
#endif

const struct ck_kernels *ck_select(int limit) {
#if defined(__x86_64__)
  if (limit >= 2 && ck_has_v4()) return &ck_v4;
  if (limit >= 1 && ck_has_v3()) return &ck_v3;
#endif
  (void)limit;
  return &ck_portable;
}

const struct ck_bfloat16 *ck_select_bfloat16(enum ck_tiles tiles) {
#if defined(__x86_64__)
  if (!ck_has_bfloat16()) return 0;
  if (tiles == CK_TILES_EMULATED) return &ck_emulated_bfloat16;
  if (tiles == CK_TILES_READY && ck_amx() == CK_AMX_READY) return &ck_amx_bfloat16;
  return &ck_v4_bfloat16;
#else
  (void)tiles;
  return 0;
#endif
}
