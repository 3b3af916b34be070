// Convolution of 3 x 3 taps by minimal filtering F(4 x 4, 3 x 3) (Winograd, 1980; Lavin and Gray,
// 2016): 36 multiplications a channel for 16 results instead of 144. A tile of 6 x 6 inputs becomes
// 36 frequencies, V = B^T d B; each frequency is a matrix product over channels, M = V U with
// U = G w G^T; and the results are Y = A^T M A. The gradient of the weights is the adjoint:
// W = A dy A^T, dU = sum over tiles of V and W, dw = G^T dU G.
//
// The points of interpolation are 0, a, -a, b, -b and infinity with a = 3/4 and b = 3/2: all
// factors but G's are exact in float, and errors are a quarter of those with the usual 1 and 2.
//
// V, M and W lie in blocks of WINOGRAD_TILES tiles, as panels of CK_LANES channels: a panel is
// [frequency][tile][channel] with a few floats behind each frequency, so that all distances are
// constants and no two frequencies share a cache set. Where there are fewer channels (or words) than
// that, tiles lie closer together, so that more of a block stays in L1.

#define POINT_A 0.75f
#define POINT_B 1.5f
#define POINT_AA (POINT_A * POINT_A)
#define POINT_BB (POINT_B * POINT_B)
#define FACTOR_0 (1 / (POINT_AA * POINT_BB))
#define FACTOR_A (1 / (2 * POINT_AA * (POINT_AA - POINT_BB)))
#define FACTOR_B (1 / (2 * POINT_BB * (POINT_BB - POINT_AA)))
// Between frequencies, where tiles are `width` floats apart.
#define STEP(width) (WINOGRAD_TILES * (width) + 16)

// Calls TILE(how, parts, place) for a tile, with parts a constant where all are wanted.
#define EACH_PART(how, parts, place)                          \
  do {                                                        \
    if ((parts) == WINOGRAD_ALL) TILE(how, WINOGRAD_ALL, place); \
    else TILE(how, parts, place);                             \
  } while (0)
enum put { PUT_NUMBERS, PUT_WORDS, PUT_LOWER, PUT_UPPER };
#ifdef CK_BFLOAT16
#define EACH_PUT(put, parts, slot)                                                 \
  if ((put) == PUT_NUMBERS) EACH_PART(PUT_NUMBERS, parts, slot);                   \
  else if (AT_ONCE == 2) EACH_PART(PUT_WORDS, parts, (slot) / 2);                  \
  else if ((slot) % 2 == 0) EACH_PART(PUT_LOWER, parts, (slot) / 2);               \
  else EACH_PART(PUT_UPPER, parts, (slot) / 2);
#define SLOTS 2  // tiles that share a word of a sum
#else
#define EACH_PUT(put, parts, slot) EACH_PART(put, parts, slot);
#define SLOTS 1
#endif

#define AT_ONCE 1
#define T vfull
#define TI ifull
#define W CK_LANES
#define NAME(f) f##_full
#include "../widths/winograd_tiles.h"  // input_tiles_full, gradient_tiles_full, result_tiles_full, ...

#define AT_ONCE 1
#define T vhalf
#define TI ihalf
#define W CK_HALF
#define NAME(f) f##_half
#include "../widths/winograd_tiles.h"

// Eight channels, the fewest that layers have, fill half a vector of sixteen floats.
#if CK_LANES == 16
static inline vfull both_halves(vhalf lower, vhalf upper) {
  return __builtin_shufflevector(lower, upper, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
static inline vhalf lower_half(vfull v) {
  return __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
}
static inline vhalf upper_half(vfull v) {
  return __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
}

#define CK_TILE_PAIR
#define AT_ONCE 2
#define T vfull
#define TI ifull
#define W CK_LANES
#define NAME(f) f##_pair
#include "../widths/vector.h"  // load_pair, ...
#ifdef CK_BFLOAT16
#define round_to_pair round_to_full
#endif
#include "../widths/winograd_tiles.h"
#undef CK_TILE_PAIR
#endif

#define CK_SCALAR
#define AT_ONCE 1
#define T float
#define TI int32_t
#define W 1
#define NAME(f) f##_one
#include "../widths/winograd_tiles.h"
#undef CK_SCALAR

// Filters in memory: whole vectors, the last one maybe of half the width.
static ptrdiff_t winograd_filters(ptrdiff_t c) { return (c + CK_HALF - 1) / CK_HALF * CK_HALF; }

static inline ptrdiff_t panels(ptrdiff_t c) { return (c + CK_LANES - 1) / CK_LANES; }

// Whether two tiles fill a vector.
#if CK_LANES == 16
#define IN_PAIRS(c) ((c) == CK_HALF)
#define LEAST_WIDTH CK_HALF
#else
#define IN_PAIRS(c) ((void)(c), 0)
#define LEAST_WIDTH CK_LANES
#endif

// Floats between tiles of c channels, in a block of M or of a sum.
static inline ptrdiff_t tile_width(ptrdiff_t c) {
  return c <= LEAST_WIDTH ? LEAST_WIDTH : CK_LANES;
}

// Floats between tiles of inputs that are multiplied by weights.
static inline ptrdiff_t input_width(ptrdiff_t c) {
#ifdef CK_BFLOAT16
  return c <= CK_HALF ? CK_HALF / 2 : c <= CK_LANES ? CK_HALF : CK_LANES;
#else
  return tile_width(c);
#endif
}

// Frequencies that the bits of `parts` ask for.
static inline ptrdiff_t frequencies(int parts) {
  return 6 * ((parts & 1) + 2 * (parts >> 1 & 1) + 2 * (parts >> 2 & 1) + (parts >> 3 & 1));
}

static ptrdiff_t winograd_block(int parts, ptrdiff_t c) {
  return panels(c) * frequencies(parts) * STEP(tile_width(c));
}

// Calls f for each group of channels, with the widest of its three versions. `at` is the group's first
// channel, `place` where it begins in panels `panel` apart.
#define EACH_PANEL(f, panel, ...)                                                   \
  ptrdiff_t at = 0, place = 0;                                                      \
  for (; at + CK_LANES <= c; at += CK_LANES, place += (panel)) f##_full(__VA_ARGS__); \
  if (at + CK_HALF <= c) {                                                          \
    f##_half(__VA_ARGS__);                                                          \
    at += CK_HALF;                                                                  \
    place += CK_HALF;                                                               \
  }                                                                                 \
  for (; at < c; at++, place++) f##_one(__VA_ARGS__)

#ifdef CK_BFLOAT16
// Two groups of channels share a panel of words.
#define EACH_WORD_PANEL(f, panel, ...)                                            \
  ptrdiff_t at = 0, place = 0;                                                    \
  for (; at + CK_LANES <= c; at += CK_LANES) {                                    \
    place = at / (2 * CK_LANES) * (panel) + at % (2 * CK_LANES) / 2;              \
    f##_full(__VA_ARGS__);                                                        \
  }                                                                               \
  if (at < c) {                                                                   \
    place = at / (2 * CK_LANES) * (panel) + at % (2 * CK_LANES) / 2;              \
    f##_half(__VA_ARGS__);                                                        \
  }
#else
#define EACH_WORD_PANEL EACH_PANEL
#endif

// Tiles to take one by one before those that go in pairs: one whose words belong to the tile before too.
static inline ptrdiff_t odd_tiles(const int put, ptrdiff_t slot, ptrdiff_t tiles) {
  return SLOTS == 2 && put == PUT_WORDS && slot % 2 && tiles > 0;
}

#if CK_LANES == 16
static inline __attribute__((always_inline)) void input_pairs(
    const int put, const ptrdiff_t width, int parts, ptrdiff_t slot, ptrdiff_t tiles,
    const float *const rows[6], ptrdiff_t pitch, float *v) {
  const ptrdiff_t odd = odd_tiles(put, slot, tiles), pairs = (tiles - odd) / 2 * 2;
  const ptrdiff_t done = odd + pairs;
  input_tiles_half(put, width, parts, slot, odd, rows, 0, pitch, v);
  input_tiles_pair(put, width, parts, slot + odd, pairs, rows, 4 * odd * pitch, pitch, v);
  input_tiles_half(put, width, parts, slot + done, tiles - done, rows, 4 * done * pitch, pitch, v);
}

static void gradient_pairs(int parts, ptrdiff_t slot, ptrdiff_t tiles, const float *y,
                           ptrdiff_t line, ptrdiff_t pitch, float *w) {
  const ptrdiff_t odd = odd_tiles(PUT_WORDS, slot, tiles), pairs = (tiles - odd) / 2 * 2;
  const ptrdiff_t done = odd + pairs;
  gradient_tiles_half(CK_HALF, parts, slot, odd, y, line, pitch, w);
  gradient_tiles_pair(CK_HALF, parts, slot + odd, pairs, y + 4 * odd * pitch, line, pitch, w);
  gradient_tiles_half(CK_HALF, parts, slot + done, tiles - done, y + 4 * done * pitch, line, pitch,
                      w);
}
#endif

static void winograd_input(ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *x,
                           ptrdiff_t line, ptrdiff_t first, ptrdiff_t pitch, float *v) {
  const float *rows[6];
  for (int i = 0; i < 6; i++) rows[i] = x + (first + i) % 6 * line;
#if CK_LANES == 16
  if (IN_PAIRS(c)) {
    input_pairs(PUT_NUMBERS, WORDS(CK_HALF), WINOGRAD_ALL, slot, tiles, rows, pitch, v);
    return;
  }
#endif
#ifdef CK_BFLOAT16
  if (c == CK_LANES) {
    input_tiles_full(PUT_NUMBERS, CK_HALF, WINOGRAD_ALL, slot, tiles, rows, 0, pitch, v);
    return;
  }
#endif
  EACH_WORD_PANEL(input_tiles, 36 * STEP(CK_LANES), PUT_NUMBERS, CK_LANES, WINOGRAD_ALL, slot, tiles,
                  rows, at, pitch, v + place);
}

static void winograd_sum_input(int parts, ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c,
                               const float *x, ptrdiff_t line, ptrdiff_t first, ptrdiff_t pitch,
                               float *v) {
  const float *rows[6];
  for (int i = 0; i < 6; i++) rows[i] = x + (first + i) % 6 * line;
#if CK_LANES == 16
  if (IN_PAIRS(c)) {
    input_pairs(PUT_WORDS, CK_HALF, parts, slot, tiles, rows, pitch, v);
    return;
  }
#endif
  EACH_PANEL(input_tiles, frequencies(parts) * STEP(CK_LANES), PUT_WORDS, CK_LANES, parts, slot,
             tiles, rows, at, pitch, v + place);
}

static void winograd_gradient(int parts, ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c,
                              const float *y, ptrdiff_t line, ptrdiff_t pitch, float *w) {
#if CK_LANES == 16
  if (IN_PAIRS(c)) {
    gradient_pairs(parts, slot, tiles, y, line, pitch, w);
    return;
  }
#endif
  EACH_PANEL(gradient_tiles, frequencies(parts) * STEP(CK_LANES), CK_LANES, parts, slot, tiles,
             y + at, line, pitch, w + place);
}

#ifndef CK_BFLOAT16
#if CK_LANES == 16
static void result_pairs(ptrdiff_t tiles, const float *m, const float *bias, int relu,
                         int accumulate, float *y, ptrdiff_t line, ptrdiff_t pitch, ptrdiff_t rows,
                         ptrdiff_t cols) {
  vhalf b = {0};
  if (bias) b = load_half(bias);
  const ptrdiff_t whole = rows < 4 ? 0 : cols / 4 < tiles ? cols / 4 : tiles, pairs = whole / 2 * 2;
  whole_tiles_pair(CK_HALF, pairs, m, both_halves(b, b), y, line, pitch, relu, accumulate);
  result_tiles_half(CK_HALF, tiles - pairs, m + pairs * CK_HALF, bias, y + 4 * pairs * pitch, line,
                    pitch, rows, cols - 4 * pairs, relu, accumulate);
}
#endif

static void winograd_result(ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *m,
                            const float *bias, int relu, int accumulate, float *y, ptrdiff_t line,
                            ptrdiff_t pitch, ptrdiff_t rows, ptrdiff_t cols) {
  m += slot * tile_width(c);
#if CK_LANES == 16
  if (IN_PAIRS(c)) {
    result_pairs(tiles, m, bias, relu, accumulate, y, line, pitch, rows, cols);
    return;
  }
#endif
  EACH_PANEL(result_tiles, 36 * STEP(CK_LANES), CK_LANES, tiles, m + place, bias ? bias + at : 0,
             y + at, line, pitch, rows, cols, relu, accumulate);
}
#endif

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

// Transforms the 3 x 3 taps of one input and `width` filters, `used` of which there are.
static inline void transform_weights(const float *w, ptrdiff_t tap_stride, ptrdiff_t width,
                                     ptrdiff_t used, float *u, ptrdiff_t step) {
  ptrdiff_t i = 0;
  for (; i + CK_LANES <= used; i += CK_LANES) weights_tile_full(w + i, tap_stride, u + i, step);
  for (; i + CK_HALF <= used; i += CK_HALF) weights_tile_half(w + i, tap_stride, u + i, step);
  for (; i < used; i++) weights_tile_one(w + i, tap_stride, u + i, step);
  for (; i < width; i++)
    for (int f = 0; f < 36; f++) u[f * step + i] = 0;
}

#ifdef CK_BFLOAT16
// The words of two inputs, for a vector of filters.
static inline void transform_pair(const float *lower, const float *upper, ptrdiff_t tap_stride,
                                  float *u, ptrdiff_t step) {
  vfull low[3][6], high[3][6], a[6], b[6];
  weights_columns_full(lower, tap_stride, low);
  weights_columns_full(upper, tap_stride, high);
  UNROLL for (int i = 0; i < 6; i++, u += 6 * step) {
    weights_row_full(low, i, a);
    weights_row_full(high, i, b);
    UNROLL for (int j = 0; j < 6; j++)
      _mm512_storeu_si512(u + j * step, words_of_vectors((__m512)a[j], (__m512)b[j]));
  }
}
#endif

// The frequencies of a few inputs' words and `width` filters: [frequency][word][filter], frequencies
// `step` apart.
static inline void transform_words(ptrdiff_t inputs, ptrdiff_t width, ptrdiff_t used, const float *w,
                                   ptrdiff_t tap_stride, ptrdiff_t in_stride, float *u,
                                   ptrdiff_t step) {
  for (ptrdiff_t in = 0; in < inputs; in += IN_WORD, u += width) {
    const float *from = w + in * in_stride;
#ifdef CK_BFLOAT16
    float lower[36 * 2 * CK_LANES], upper[36 * 2 * CK_LANES];
    const int both = in + 1 < inputs;
    ptrdiff_t i = 0;
    if (both)
      for (; i + CK_LANES <= used; i += CK_LANES)
        transform_pair(from + i, from + in_stride + i, tap_stride, u + i, step);
    const ptrdiff_t left = width - i;
    if (left == 0) continue;
    transform_weights(from + i, tap_stride, left, used - i, lower, left);
    if (both) transform_weights(from + in_stride + i, tap_stride, left, used - i, upper, left);
    for (ptrdiff_t f = 0; f < 36; f++)
      words_of(left, lower + f * left, both ? upper + f * left : 0, u + f * step + i);
#else
    transform_weights(from, tap_stride, width, used, u, step);
#endif
  }
}

// U is [frequency][block of filters][in][filter], in the blocks of `winograd_multiply`; with CK_BFLOAT16
// [in] counts words of two inputs. A few inputs are put at a time, in runs of several cache lines,
// since frequencies often lie a power of two apart and would push each other out of the cache.
static void winograd_pack(ptrdiff_t cin, ptrdiff_t cout, const float *w, ptrdiff_t tap_stride,
                          ptrdiff_t in_stride, ptrdiff_t out_stride, int flip, float *u) {
  const ptrdiff_t filters = winograd_filters(cout), words = WORDS(cin);
  float taps[9 * PACK_INPUTS * 2 * CK_LANES], block[36 * PACK_WORDS * 2 * CK_LANES];
  if (flip) {
    w += 8 * tap_stride;
    tap_stride = -tap_stride;
  }
  for (ptrdiff_t out = 0; out < filters;) {
    const ptrdiff_t left = filters - out;
    const ptrdiff_t width = left >= 2 * CK_LANES ? 2 * CK_LANES : left >= CK_LANES ? CK_LANES : left;
    const ptrdiff_t used = width < cout - out ? width : cout - out;
    for (ptrdiff_t in = 0; in < cin; in += PACK_INPUTS) {
      const ptrdiff_t inputs = cin - in < PACK_INPUTS ? cin - in : PACK_INPUTS;
      const float *from = w + in * in_stride + out * out_stride;
      const ptrdiff_t run = WORDS(inputs) * width;
      if (out_stride == 1) {
        transform_words(inputs, width, used, from, tap_stride, in_stride, block, run);
      } else {
        const ptrdiff_t tap = inputs * width;
        for (ptrdiff_t i = 0; i < 9; i++)
          transpose(used, inputs, from + i * tap_stride, out_stride, taps + i * tap, width);
        transform_words(inputs, width, used, taps, tap, width, block, run);
      }
      float *to = u + out * words + in / IN_WORD * width;
      for (ptrdiff_t f = 0; f < 36; f++)
        memcpy(to + f * words * filters, block + f * run, (size_t)run * sizeof(float));
    }
    out += width;
  }
}

#ifndef CK_BFLOAT16
static void winograd_taps(ptrdiff_t cin, ptrdiff_t cout, const float *du, float *dw,
                          int accumulate) {
  const ptrdiff_t filters = winograd_filters(cout), step = cin * filters, tap = cin * cout;
  for (ptrdiff_t in = 0; in < cin; in++, du += filters, dw += cout) {
    ptrdiff_t out = 0;
    for (; out + CK_LANES <= cout; out += CK_LANES)
      taps_tile_full(du + out, step, dw + out, tap, accumulate);
    for (; out + CK_HALF <= cout; out += CK_HALF)
      taps_tile_half(du + out, step, dw + out, tap, accumulate);
    for (; out < cout; out++) taps_tile_one(du + out, step, dw + out, tap, accumulate);
  }
}
#endif

#undef STEP
