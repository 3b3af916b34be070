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

#include "winograd_products.h"  // winograd_multiply, winograd_sum
#include "winograd_weights.h"   // winograd_pack, in float32 winograd_taps

#undef STEP
