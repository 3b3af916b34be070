// What the processor and the system have, for those who choose among instruction sets.
#pragma once

/// AVX2 and fused multiply-add: the kernels of v3.c.
int ck_has_v3(void);
/// AVX-512 with what v4.c needs of it.
int ck_has_v4(void);
/// The same with dot products of bfloat16 pairs: bfloat16.c.
int ck_has_bfloat16(void);
