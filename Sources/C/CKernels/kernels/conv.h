// Direct convolution: register tiles of pixels x filters, over input that was padded beforehand,
// so that no tap needs a test. Weights are packed in blocks of filters:
//   two vectors of filters    [tap][in][2 * lanes]
//   one vector                [tap][in][lanes]
//   half a vector or less     [tap][in / 2][lanes], lanes alternating between two inputs: one load
//                             broadcasts a pair of inputs, and the two halves are added at the end
// A pair needs an even number of inputs; otherwise a vector's upper lanes idle, or of floats:
//   half a vector             [tap][in][lanes / 2]
//   one filter                [tap][in], with inputs in the lanes
//
// The including file says what an input is: WORDS(n) floats or pairs for n channels, WEIGHT the
// weight of one of them, MULTIPLY_ADD and MULTIPLY_ADD_VECTOR the sum with a scalar and a vector.

#include "blocks.h"   // ck_block, block_kind, block_filters
#include "finish.h"   // load_vector, finish_some, finish_half, finish_vector
#include "packing.h"  // transpose, pack_words; IN_WORD, PACK_WORDS, PACK_INPUTS

static ptrdiff_t packed_count(ptrdiff_t taps, ptrdiff_t cin, ptrdiff_t cout) {
  ptrdiff_t count = 0;
  cin = WORDS(cin);
  for (ptrdiff_t at = 0; at < cout;) {
    ptrdiff_t filters = block_filters(block_kind(cin, cout - at));
    count += taps * cin * filters;
    at += filters;
  }
  return count;
}

static void pack(ptrdiff_t taps, ptrdiff_t cin, ptrdiff_t cout, const float *w,
                 ptrdiff_t tap_stride, ptrdiff_t in_stride, ptrdiff_t out_stride, int flip,
                 float *packed) {
  const ptrdiff_t words = WORDS(cin);
  for (ptrdiff_t at = 0; at < cout;) {
    enum ck_block kind = block_kind(words, cout - at);
    ptrdiff_t filters = block_filters(kind);
    ptrdiff_t used = filters < cout - at ? filters : cout - at;
    for (ptrdiff_t tap = 0; tap < taps; tap++) {
      const float *from = w + (flip ? taps - 1 - tap : tap) * tap_stride + at * out_stride;
      if (kind == BLOCK_PAIR) {
        for (ptrdiff_t in = 0; in < words; in += 2)
          for (ptrdiff_t i = 0; i < filters; i++)
            for (ptrdiff_t second = 0; second < 2; second++)
              *packed++ = i < used ? WEIGHT(from + i * out_stride, in + second) : 0;
      } else {
        for (ptrdiff_t in = 0; in < cin; in += PACK_INPUTS) {
          const ptrdiff_t inputs = cin - in < PACK_INPUTS ? cin - in : PACK_INPUTS;
          pack_words(inputs, filters, used, from + in * in_stride, in_stride, out_stride, packed);
          packed += WORDS(inputs) * filters;
        }
      }
    }
    at += filters;
  }
}

#define UNROLL _Pragma("clang loop unroll(full)")

// Pixels are addressed as one pointer for every four and the distances 0 to 3 from it, since one
// pointer a pixel would need more registers than there are.
#define GROUPS(P, START)                   \
  const float *group[(P + 3) / 4];         \
  UNROLL for (int k = 0; k < (P + 3) / 4; k++) group[k] = (START) + 4 * k * one;
#define PIXEL(p) \
  (group[(p) / 4] + ((p) % 4 == 0 ? 0 : (p) % 4 == 1 ? one : (p) % 4 == 2 ? two : three))
#define ADVANCE(P, BY) UNROLL for (int k = 0; k < (P + 3) / 4; k++) group[k] += BY;

// A tile of `P` pixels in a row by `N` vectors of filters.
#define DEFINE_TILE(NAME, P, N)                                                                  \
  static inline __attribute__((always_inline)) void NAME(                                        \
      const struct ck_conv *g, const float *x, const float *w, const float *bias, float *y,      \
      ptrdiff_t used) {                                                                          \
    vfull sum[P][N];                                                                             \
    UNROLL for (int p = 0; p < P; p++) UNROLL for (int v = 0; v < N; v++) sum[p][v] = (vfull){0}; \
    const ptrdiff_t cin = g->cin, one = g->x_col, two = 2 * one, three = 3 * one;                \
    for (ptrdiff_t i = 0; i < g->kh; i++) {                                                      \
      for (ptrdiff_t j = 0; j < g->kw; j++) {                                                    \
        GROUPS(P, x + i * g->tap_row + j * g->tap_col)                                           \
        for (ptrdiff_t in = 0; in < cin; in++) {                                                 \
          vfull f[N];                                                                            \
          UNROLL for (int v = 0; v < N; v++) f[v] = load_vector(w + v * CK_LANES);               \
          w += N * CK_LANES;                                                                     \
          UNROLL for (int p = 0; p < P; p++) {                                                   \
            float value = *PIXEL(p);                                                             \
            UNROLL for (int v = 0; v < N; v++)                                                   \
                sum[p][v] = MULTIPLY_ADD(sum[p][v], f[v], value);                                \
          }                                                                                      \
          ADVANCE(P, 1)                                                                          \
        }                                                                                        \
      }                                                                                          \
    }                                                                                            \
    UNROLL for (int p = 0; p < P; p++) UNROLL for (int v = 0; v < N; v++) {                      \
      ptrdiff_t left = used - v * CK_LANES;                                                      \
      finish_vector(g, sum[p][v], bias ? bias + v * CK_LANES : 0, y + p * g->y_col + v * CK_LANES, \
                    left < CK_LANES ? left : CK_LANES);                                          \
    }                                                                                            \
  }

DEFINE_TILE(tile_two, CK_TILE_TWO, 2)
DEFINE_TILE(tile_two_4, 4, 2)
DEFINE_TILE(tile_two_1, 1, 2)
DEFINE_TILE(tile_one, CK_TILE_ONE, 1)
DEFINE_TILE(tile_one_4, 4, 1)
DEFINE_TILE(tile_one_1, 1, 1)

typedef double vpairs __attribute__((vector_size(CK_LANES * 4), aligned(4)));

static inline __attribute__((always_inline)) vfull broadcast_pair(const float *p) {
  double pair;
  memcpy(&pair, p, sizeof(pair));
  vpairs all;
  for (int i = 0; i < CK_HALF; i++) all[i] = pair;
  return (vfull)all;
}

static inline __attribute__((always_inline)) void split_pairs(vfull v, vhalf *even, vhalf *odd) {
#if CK_LANES == 16
  *even = __builtin_shufflevector(v, v, 0, 2, 4, 6, 8, 10, 12, 14);
  *odd = __builtin_shufflevector(v, v, 1, 3, 5, 7, 9, 11, 13, 15);
#elif CK_LANES == 8
  *even = __builtin_shufflevector(v, v, 0, 2, 4, 6);
  *odd = __builtin_shufflevector(v, v, 1, 3, 5, 7);
#else
  *even = __builtin_shufflevector(v, v, 0, 2);
  *odd = __builtin_shufflevector(v, v, 1, 3);
#endif
}

// A tile of `P` pixels by half a vector of filters; lane 2 i + k holds filter i's sum over inputs
// 2 n + k.
#define DEFINE_PAIR_TILE(NAME, P)                                                                \
  static inline __attribute__((always_inline)) void NAME(                                        \
      const struct ck_conv *g, const float *x, const float *w, const float *bias, float *y,      \
      ptrdiff_t used) {                                                                          \
    vfull sum[P];                                                                                \
    UNROLL for (int p = 0; p < P; p++) sum[p] = (vfull){0};                                      \
    const ptrdiff_t cin = g->cin, one = g->x_col, two = 2 * one, three = 3 * one;                \
    for (ptrdiff_t i = 0; i < g->kh; i++) {                                                      \
      for (ptrdiff_t j = 0; j < g->kw; j++) {                                                    \
        GROUPS(P, x + i * g->tap_row + j * g->tap_col)                                           \
        for (ptrdiff_t in = 0; in < cin; in += 2) {                                              \
          vfull f = load_vector(w);                                                              \
          w += CK_LANES;                                                                         \
          UNROLL for (int p = 0; p < P; p++) {                                                   \
            vfull value = broadcast_pair(PIXEL(p));                                              \
            sum[p] = MULTIPLY_ADD_VECTOR(sum[p], f, value);                                      \
          }                                                                                      \
          ADVANCE(P, 2)                                                                          \
        }                                                                                        \
      }                                                                                          \
    }                                                                                            \
    UNROLL for (int p = 0; p < P; p++) {                                                         \
      vhalf low, high;                                                                           \
      split_pairs(sum[p], &low, &high);                                                          \
      finish_half(g, low + high, bias, y + p * g->y_col, used);                                  \
    }                                                                                            \
  }

DEFINE_PAIR_TILE(tile_pair, CK_TILE_ONE)
DEFINE_PAIR_TILE(tile_pair_4, 4)
DEFINE_PAIR_TILE(tile_pair_1, 1)

#ifndef CK_BFLOAT16
// A tile of `P` pixels by half a vector of filters.
#define DEFINE_HALF_TILE(NAME, P)                                                                \
  static inline __attribute__((always_inline)) void NAME(                                        \
      const struct ck_conv *g, const float *x, const float *w, const float *bias, float *y,      \
      ptrdiff_t used) {                                                                          \
    vhalf sum[P];                                                                                \
    UNROLL for (int p = 0; p < P; p++) sum[p] = (vhalf){0};                                      \
    const ptrdiff_t cin = g->cin, one = g->x_col, two = 2 * one, three = 3 * one;                \
    for (ptrdiff_t i = 0; i < g->kh; i++) {                                                      \
      for (ptrdiff_t j = 0; j < g->kw; j++) {                                                    \
        GROUPS(P, x + i * g->tap_row + j * g->tap_col)                                           \
        for (ptrdiff_t in = 0; in < cin; in++, w += CK_HALF) {                                   \
          vhalf f;                                                                               \
          memcpy(&f, w, sizeof(f));                                                              \
          UNROLL for (int p = 0; p < P; p++) sum[p] = sum[p] + f * *PIXEL(p);                    \
          ADVANCE(P, 1)                                                                          \
        }                                                                                        \
      }                                                                                          \
    }                                                                                            \
    UNROLL for (int p = 0; p < P; p++) finish_half(g, sum[p], bias, y + p * g->y_col, used);     \
  }

DEFINE_HALF_TILE(tile_half, CK_TILE_ONE)
DEFINE_HALF_TILE(tile_half_4, 4)
DEFINE_HALF_TILE(tile_half_1, 1)

static inline float sum_of_lanes(vfull whole, vhalf half) {
  float lanes[CK_LANES], others[CK_HALF];
  memcpy(lanes, &whole, sizeof(whole));
  memcpy(others, &half, sizeof(half));
  UNROLL for (int i = 0; i < CK_HALF; i++) others[i] += lanes[i] + lanes[i + CK_HALF];
  UNROLL for (int n = CK_HALF / 2; n > 0; n /= 2)
    for (int i = 0; i < n; i++) others[i] += others[i + n];
  return others[0];
}

// A tile of `P` pixels by one filter.
#define DEFINE_SINGLE_TILE(NAME, P)                                                              \
  static inline __attribute__((always_inline)) void NAME(                                        \
      const struct ck_conv *g, const float *x, const float *w, const float *bias, float *y,      \
      ptrdiff_t used) {                                                                          \
    vfull sum[P];                                                                                \
    vhalf half[P];                                                                               \
    float rest[P];                                                                               \
    UNROLL for (int p = 0; p < P; p++) {                                                         \
      sum[p] = (vfull){0};                                                                       \
      half[p] = (vhalf){0};                                                                      \
      rest[p] = 0;                                                                               \
    }                                                                                            \
    const ptrdiff_t cin = g->cin, one = g->x_col, two = 2 * one, three = 3 * one;                \
    for (ptrdiff_t i = 0; i < g->kh; i++) {                                                      \
      for (ptrdiff_t j = 0; j < g->kw; j++) {                                                    \
        GROUPS(P, x + i * g->tap_row + j * g->tap_col)                                           \
        ptrdiff_t left = cin;                                                                    \
        for (; left >= CK_LANES; left -= CK_LANES, w += CK_LANES) {                              \
          vfull f = load_vector(w);                                                              \
          UNROLL for (int p = 0; p < P; p++) sum[p] = sum[p] + f * load_vector(PIXEL(p));        \
          ADVANCE(P, CK_LANES)                                                                   \
        }                                                                                        \
        if (left >= CK_HALF) {                                                                   \
          vhalf f, value;                                                                        \
          memcpy(&f, w, sizeof(f));                                                              \
          UNROLL for (int p = 0; p < P; p++) {                                                   \
            memcpy(&value, PIXEL(p), sizeof(value));                                             \
            half[p] = half[p] + f * value;                                                       \
          }                                                                                      \
          left -= CK_HALF;                                                                       \
          w += CK_HALF;                                                                          \
          ADVANCE(P, CK_HALF)                                                                    \
        }                                                                                        \
        for (; left > 0; left--, w++) {                                                          \
          UNROLL for (int p = 0; p < P; p++) rest[p] += *w * *PIXEL(p);                          \
          ADVANCE(P, 1)                                                                          \
        }                                                                                        \
      }                                                                                          \
    }                                                                                            \
    (void)used;                                                                                  \
    UNROLL for (int p = 0; p < P; p++) {                                                         \
      float *to = y + p * g->y_col;                                                              \
      float value = sum_of_lanes(sum[p], half[p]) + rest[p];                                     \
      if (bias) value += *bias;                                                                  \
      if (g->accumulate) value += *to;                                                           \
      *to = g->relu && value <= 0 ? 0 : value;                                                   \
    }                                                                                            \
  }

DEFINE_SINGLE_TILE(tile_single, 8)
DEFINE_SINGLE_TILE(tile_single_4, 4)
DEFINE_SINGLE_TILE(tile_single_1, 1)
#endif

#define RUN_TILES(TILE, P)                                                                 \
  for (ptrdiff_t row = 0; row < g->rows; row++) {                                          \
    const float *from = x + row * g->x_row;                                                \
    float *to = y + row * g->y_row + at;                                                   \
    ptrdiff_t col = 0;                                                                     \
    for (; col + P <= g->cols; col += P)                                                   \
      TILE(g, from + col * g->x_col, packed, b, to + col * g->y_col, used);                \
    for (; col + 4 <= g->cols; col += 4)                                                   \
      TILE##_4(g, from + col * g->x_col, packed, b, to + col * g->y_col, used);            \
    for (; col < g->cols; col++)                                                           \
      TILE##_1(g, from + col * g->x_col, packed, b, to + col * g->y_col, used);            \
  }

static void conv(const struct ck_conv *g, const float *x, const float *packed, const float *bias,
                 float *y) {
  const ptrdiff_t taps = g->kh * g->kw;
  for (ptrdiff_t at = 0; at < g->cout;) {
    enum ck_block kind = block_kind(g->cin, g->cout - at);
    ptrdiff_t filters = block_filters(kind);
    ptrdiff_t used = filters < g->cout - at ? filters : g->cout - at;
    const float *b = bias ? bias + at : 0;
    switch (kind) {
      case BLOCK_TWO: RUN_TILES(tile_two, CK_TILE_TWO) break;
      case BLOCK_ONE: RUN_TILES(tile_one, CK_TILE_ONE) break;
      case BLOCK_PAIR: RUN_TILES(tile_pair, CK_TILE_ONE) break;
#ifndef CK_BFLOAT16
      case BLOCK_HALF: RUN_TILES(tile_half, CK_TILE_ONE) break;
      case BLOCK_SINGLE: RUN_TILES(tile_single, 8) break;
#endif
    }
    packed += taps * g->cin * filters;
    at += filters;
  }
}

#include "conv_gradients.h"  // conv_weights
