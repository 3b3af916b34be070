// The matrix products of Winograd's convolution, one a frequency: of tiles and weights, and for the
// gradient of the weights of tiles and gradients. winograd.h explains the layout.

// Fetches part number `part` of so many into the L2 cache.
static inline void fetch(const struct ck_ahead *ahead, ptrdiff_t part, ptrdiff_t parts) {
  for (int i = 0; i < 3; i++) {
    const ptrdiff_t lines = (ahead->bytes[i] + 63) / 64;
    const char *end = ahead->from[i] + lines * (part + 1) / parts * 64;
    for (const char *p = ahead->from[i] + lines * part / parts * 64; p < end; p += 64)
      __builtin_prefetch(p, 0, 2);
  }
}

// Register tiles of P tiles by N vectors of filters: m[tile] = sum over channels of v[tile] and u.
// Filters are N panels; tiles are `vw` and `mw` floats apart.
#define DEFINE_PRODUCT(NAME, T, P, N, LANES)                                                     \
  static inline __attribute__((always_inline)) void NAME(                                        \
      ptrdiff_t cin, const float *v, const ptrdiff_t vw, const float *u, float *m,               \
      const ptrdiff_t mw) {                                                                      \
    T sum[P][N];                                                                                 \
    UNROLL for (int p = 0; p < P; p++) UNROLL for (int n = 0; n < N; n++) sum[p][n] = (T){0};    \
    for (ptrdiff_t left = cin; left > 0; left -= vw, v += 36 * STEP(vw)) {                       \
      const ptrdiff_t depth = left < vw ? left : vw;                                             \
      for (ptrdiff_t k = 0; k < depth; k++, u += N * LANES) {                                    \
        T f[N];                                                                                  \
        UNROLL for (int n = 0; n < N; n++) memcpy(&f[n], u + n * LANES, sizeof(T));              \
        UNROLL for (int p = 0; p < P; p++) UNROLL for (int n = 0; n < N; n++)                    \
            sum[p][n] = MULTIPLY_ADD_##T(sum[p][n], f[n], v[p * vw + k]);                        \
      }                                                                                          \
    }                                                                                            \
    UNROLL for (int p = 0; p < P; p++) UNROLL for (int n = 0; n < N; n++)                        \
        memcpy(m + n * 36 * STEP(mw) + p * mw, &sum[p][n], sizeof(T));                           \
  }

DEFINE_PRODUCT(product_two, vfull, CK_TILE_TWO, 2, CK_LANES)
DEFINE_PRODUCT(product_two_4, vfull, 4, 2, CK_LANES)
DEFINE_PRODUCT(product_one, vfull, CK_TILE_ONE, 1, CK_LANES)
DEFINE_PRODUCT(product_one_4, vfull, 4, 1, CK_LANES)
DEFINE_PRODUCT(product_half, vhalf, CK_TILE_ONE, 1, CK_HALF)
DEFINE_PRODUCT(product_half_4, vhalf, 4, 1, CK_HALF)

// Up to three tiles more than there are: a block has room for them, and nobody reads the results.
#define PRODUCTS(NAME, P, WIDTH)                                                            \
  for (; out + (WIDTH) <= filters; out += (WIDTH), u += cin * (WIDTH)) {                    \
    float *to = m + out / CK_LANES * 36 * STEP(mw);                                         \
    for (ptrdiff_t t = 0; t < tiles;) {                                                     \
      if (tiles - t > (P) - 4) {                                                            \
        NAME(cin, v + t * vw, vw, u, to + t * mw, mw);                                      \
        t += (P);                                                                           \
      } else {                                                                              \
        NAME##_4(cin, v + t * vw, vw, u, to + t * mw, mw);                                  \
        t += 4;                                                                             \
      }                                                                                     \
    }                                                                                       \
  }

static inline __attribute__((always_inline)) void multiply_tiles(
    ptrdiff_t tiles, ptrdiff_t cin, ptrdiff_t filters, const float *v, const ptrdiff_t vw,
    const float *u, float *m, const ptrdiff_t mw, const struct ck_ahead *ahead) {
  for (int f = 0; f < 36; f++, v += STEP(vw), m += STEP(mw)) {
    ptrdiff_t out = 0;
    fetch(ahead, f, 36);
    if (mw == CK_LANES) {
      PRODUCTS(product_two, CK_TILE_TWO, 2 * CK_LANES)
      PRODUCTS(product_one, CK_TILE_ONE, CK_LANES)
    }
    PRODUCTS(product_half, CK_TILE_ONE, CK_HALF)
  }
}

static void winograd_multiply(ptrdiff_t tiles, ptrdiff_t channels, ptrdiff_t cout, const float *v,
                              const float *u, float *m, const struct ck_ahead *ahead) {
  const ptrdiff_t cin = WORDS(channels), filters = winograd_filters(cout);
#define MULTIPLY(vw, mw) multiply_tiles(tiles, cin, filters, v, vw, u, m, mw, ahead)
#define MULTIPLY_FROM(vw)                        \
  do {                                           \
    if (IN_PAIRS(cout)) MULTIPLY(vw, CK_HALF);   \
    else MULTIPLY(vw, CK_LANES);                 \
  } while (0)
  switch (input_width(channels)) {
    case CK_LANES: MULTIPLY_FROM(CK_LANES); break;
    case CK_HALF: MULTIPLY_FROM(CK_HALF); break;
    default: MULTIPLY_FROM(CK_HALF / 2); break;
  }
#undef MULTIPLY
#undef MULTIPLY_FROM
}

// Register tiles of P channels by N vectors of filters: du += sum over tiles of v and w, `vw` and `ww`
// floats apart, over blocks `v_block` and `w_block` apart.
#define DEFINE_SUM(NAME, T, P, N)                                                               \
  static inline __attribute__((always_inline)) void NAME(                                       \
      ptrdiff_t tiles, const float *v, const ptrdiff_t vw, ptrdiff_t v_block, const float *w,   \
      const ptrdiff_t ww, ptrdiff_t w_block, ptrdiff_t w_panel, float *du, ptrdiff_t filters,   \
      int accumulate) {                                                                         \
    T sum[P][N];                                                                                \
    UNROLL for (int p = 0; p < P; p++) UNROLL for (int n = 0; n < N; n++) sum[p][n] = (T){0};   \
    for (; tiles > 0; tiles -= WINOGRAD_TILES, v += v_block, w += w_block) {                    \
      const ptrdiff_t end = tiles < WINOGRAD_TILES ? tiles : WINOGRAD_TILES;                    \
      for (ptrdiff_t t = 0; t < end; t++) {                                                     \
        T f[N];                                                                                 \
        UNROLL for (int n = 0; n < N; n++) memcpy(&f[n], w + n * w_panel + t * ww, sizeof(T));  \
        UNROLL for (int p = 0; p < P; p++) UNROLL for (int n = 0; n < N; n++)                   \
            sum[p][n] = MULTIPLY_ADD_##T(sum[p][n], f[n], v[t * vw + p]);                       \
      }                                                                                         \
    }                                                                                           \
    UNROLL for (int p = 0; p < P; p++) UNROLL for (int n = 0; n < N; n++) {                     \
      float *to = du + p * filters + n * CK_LANES;                                              \
      if (accumulate) {                                                                         \
        T before;                                                                               \
        memcpy(&before, to, sizeof(T));                                                         \
        sum[p][n] = sum[p][n] + before;                                                         \
      }                                                                                         \
      memcpy(to, &sum[p][n], sizeof(T));                                                        \
    }                                                                                           \
  }

// A tile's channels lie in one panel.
#define SUM_ONE (CK_TILE_ONE < CK_LANES ? CK_TILE_ONE : CK_LANES)
#define SUM_SOME (CK_LANES < 8 ? CK_LANES : 8)
DEFINE_SUM(sum_two, vfull, CK_TILE_TWO, 2)
DEFINE_SUM(sum_two_4, vfull, 4, 2)
DEFINE_SUM(sum_two_1, vfull, 1, 2)
DEFINE_SUM(sum_one, vfull, SUM_ONE, 1)
DEFINE_SUM(sum_one_some, vfull, SUM_SOME, 1)
DEFINE_SUM(sum_one_4, vfull, 4, 1)
DEFINE_SUM(sum_one_1, vfull, 1, 1)
DEFINE_SUM(sum_half, vhalf, SUM_ONE, 1)
DEFINE_SUM(sum_half_some, vhalf, SUM_SOME, 1)
DEFINE_SUM(sum_half_4, vhalf, 4, 1)
DEFINE_SUM(sum_half_1, vhalf, 1, 1)

#define SUM(NAME)                                                                               \
  NAME(tiles, v + in / CK_LANES * v_panel + in % CK_LANES, vw, v_block,                         \
       w + out / CK_LANES * w_panel, ww, w_block, w_panel, du + in * filters + out, filters,    \
       accumulate)
#define SUMS(NAME, P, SOME, WIDTH)                                 \
  for (; out + (WIDTH) <= filters; out += (WIDTH)) {               \
    ptrdiff_t in = 0;                                              \
    for (; in + (P) <= cin; in += (P)) SUM(NAME);                  \
    SOME                                                           \
    for (; in + 4 <= cin; in += 4) SUM(NAME##_4);                  \
    for (; in < cin; in++) SUM(NAME##_1);                          \
  }

static inline __attribute__((always_inline)) void sum_tiles(
    ptrdiff_t count, ptrdiff_t tiles, ptrdiff_t cin, ptrdiff_t cout, const float *v,
    const ptrdiff_t vw, const float *w, const ptrdiff_t ww, float *du, int accumulate,
    const struct ck_ahead *ahead) {
  const ptrdiff_t filters = winograd_filters(cout);
  const ptrdiff_t v_panel = count * STEP(vw), w_panel = count * STEP(ww);
  const ptrdiff_t v_block = panels(cin) * v_panel, w_block = panels(cout) * w_panel;
  for (ptrdiff_t f = 0; f < count; f++, v += STEP(vw), w += STEP(ww), du += cin * filters) {
    ptrdiff_t out = 0;
    fetch(ahead, f, count);
    if (ww == CK_LANES) {
      SUMS(sum_two, CK_TILE_TWO, , 2 * CK_LANES)
      SUMS(sum_one, SUM_ONE, for (; in + SUM_SOME <= cin; in += SUM_SOME) SUM(sum_one_some);, CK_LANES)
    }
    SUMS(sum_half, SUM_ONE, for (; in + SUM_SOME <= cin; in += SUM_SOME) SUM(sum_half_some);, CK_HALF)
  }
}

static void winograd_sum(int parts, ptrdiff_t tiles, ptrdiff_t cin, ptrdiff_t cout,
                         const float *v, const float *w, float *du, int accumulate,
                         const struct ck_ahead *ahead) {
  const ptrdiff_t count = frequencies(parts), words = (tiles + SLOTS - 1) / SLOTS;
#define SUM_TILES(vw, ww) sum_tiles(count, words, cin, cout, v, vw, w, ww, du, accumulate, ahead)
  if (IN_PAIRS(cin) && IN_PAIRS(cout)) SUM_TILES(CK_HALF, CK_HALF);
  else if (IN_PAIRS(cin)) SUM_TILES(CK_HALF, CK_LANES);
  else if (IN_PAIRS(cout)) SUM_TILES(CK_LANES, CK_HALF);
  else SUM_TILES(CK_LANES, CK_LANES);
#undef SUM_TILES
}
