// In what blocks of filters `pack` lays weights out: two vectors of filters, one, or half a vector. Where
// inputs are floats, without CK_BFLOAT16, half a vector need not be pairs, and one filter is alone.

#ifndef CK_BFLOAT16
enum ck_block { BLOCK_TWO, BLOCK_ONE, BLOCK_PAIR, BLOCK_HALF, BLOCK_SINGLE };
#else
enum ck_block { BLOCK_TWO, BLOCK_ONE, BLOCK_PAIR };
#endif

static inline enum ck_block block_kind(ptrdiff_t cin, ptrdiff_t left) {
  if (left > CK_LANES) return BLOCK_TWO;
#ifndef CK_BFLOAT16
  if (left == 1) return BLOCK_SINGLE;
  if (left <= CK_HALF && cin % 2 != 0) return BLOCK_HALF;
#endif
  if (left <= CK_HALF && cin % 2 == 0) return BLOCK_PAIR;
  return BLOCK_ONE;
}

static inline ptrdiff_t block_filters(enum ck_block kind) {
#ifndef CK_BFLOAT16
  if (kind == BLOCK_SINGLE) return 1;
  if (kind == BLOCK_HALF) return CK_HALF;
#endif
  return kind == BLOCK_TWO ? 2 * CK_LANES : kind == BLOCK_ONE ? CK_LANES : CK_HALF;
}
