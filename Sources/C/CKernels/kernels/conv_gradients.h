// The gradient of a direct convolution by its weights. A run is what lies side by side in x under one
// filter row: kw * cin floats where taps are adjacent, else cin.

// Vectors go along the run, filters are broadcast, and a tile of `F` filters by `N` vectors stays in
// registers over all pixels.
#define DEFINE_GRADIENT_TILE(NAME, F, N)                                                         \
  static inline __attribute__((always_inline)) void NAME(                                        \
      const struct ck_conv *g, const float *x, const float *dy, float *dw, ptrdiff_t length,     \
      ptrdiff_t dw_pitch) {                                                                      \
    vfull sum[F][N];                                                                             \
    UNROLL for (int f = 0; f < F; f++) UNROLL for (int v = 0; v < N; v++) sum[f][v] = (vfull){0}; \
    for (ptrdiff_t row = 0; row < g->rows; row++) {                                              \
      const float *a = x + row * g->x_row;                                                       \
      const float *b = dy + row * g->y_row;                                                      \
      for (ptrdiff_t col = 0; col < g->cols; col++) {                                            \
        vfull value[N];                                                                          \
        UNROLL for (int v = 0; v < N; v++) value[v] = load_vector(a + v * CK_LANES);             \
        UNROLL for (int f = 0; f < F; f++) UNROLL for (int v = 0; v < N; v++)                    \
            sum[f][v] = MULTIPLY_ADD(sum[f][v], value[v], b[f]);                                 \
        a += g->x_col;                                                                           \
        b += g->y_col;                                                                           \
      }                                                                                          \
    }                                                                                            \
    UNROLL for (int f = 0; f < F; f++) UNROLL for (int v = 0; v < N; v++) {                      \
      float *to = dw + f * dw_pitch + v * CK_LANES;                                              \
      ptrdiff_t left = length - v * CK_LANES;                                                    \
      if (left >= CK_LANES) {                                                                    \
        vfull total = load_vector(to) + sum[f][v];                                               \
        memcpy(to, &total, sizeof(total));                                                       \
      } else {                                                                                   \
        for (ptrdiff_t i = 0; i < left; i++) to[i] += sum[f][v][i];                              \
      }                                                                                          \
    }                                                                                            \
  }

#if CK_LANES == 16
#define CK_FILTERS 8
#else
#define CK_FILTERS 4
#endif
DEFINE_GRADIENT_TILE(gradient_3, CK_FILTERS, 3)
DEFINE_GRADIENT_TILE(gradient_2, CK_FILTERS, 2)
DEFINE_GRADIENT_TILE(gradient_1, CK_FILTERS, 1)
DEFINE_GRADIENT_TILE(gradient_single, 1, 1)

#ifndef CK_BFLOAT16
// The same for nine taps of one channel, with filters in the lanes.
#define DEFINE_NINE_TAPS(NAME, T, WIDTH)                                                         \
  static inline void NAME(const struct ck_conv *g, const float *x, const float *dy, float *dw,   \
                          ptrdiff_t f) {                                                         \
    T sum[9], value;                                                                             \
    UNROLL for (int tap = 0; tap < 9; tap++) sum[tap] = (T){0};                                  \
    for (ptrdiff_t row = 0; row < g->rows; row++) {                                              \
      const float *a = x + row * g->x_row, *b = dy + row * g->y_row + f;                         \
      for (ptrdiff_t col = 0; col < g->cols; col++, a += g->x_col, b += g->y_col) {              \
        memcpy(&value, b, sizeof(value));                                                        \
        UNROLL for (int tap = 0; tap < 9; tap++)                                                 \
            sum[tap] = sum[tap] + value * a[tap / 3 * g->tap_row + tap % 3 * g->tap_col];        \
      }                                                                                          \
    }                                                                                            \
    for (int tap = 0; tap < 9; tap++)                                                            \
      for (int i = 0; i < WIDTH; i++)                                                            \
        dw[(tap / 3 * g->cout + f + i) * 3 + tap % 3] += sum[tap][i];                            \
  }

DEFINE_NINE_TAPS(nine_taps_full, vfull, CK_LANES)
DEFINE_NINE_TAPS(nine_taps_half, vhalf, CK_HALF)
#endif

static void conv_weights(const struct ck_conv *g, const float *x, const float *dy, float *dw) {
  ptrdiff_t begin = 0;
#ifndef CK_BFLOAT16
  if (g->cin == 1 && g->kh == 3 && g->kw == 3) {
    for (; begin + CK_LANES <= g->cout; begin += CK_LANES) nine_taps_full(g, x, dy, dw, begin);
    for (; begin + CK_HALF <= g->cout; begin += CK_HALF) nine_taps_half(g, x, dy, dw, begin);
  }
#endif
  const int adjacent = g->tap_col == g->cin;
  const ptrdiff_t length = adjacent ? g->kw * g->cin : g->cin;
  const ptrdiff_t runs = adjacent ? 1 : g->kw;
  const ptrdiff_t pitch = g->kw * g->cin;
  for (ptrdiff_t i = 0; i < g->kh; i++) {
    for (ptrdiff_t j = 0; j < runs; j++) {
      const float *from = x + i * g->tap_row + j * g->tap_col;
      ptrdiff_t f = begin;
      for (; f + CK_FILTERS <= g->cout; f += CK_FILTERS) {
        float *to = dw + (i * g->cout + f) * pitch + j * g->cin;
        ptrdiff_t at = 0;
        while (at < length) {
          ptrdiff_t vectors = (length - at + CK_LANES - 1) / CK_LANES;
          if (vectors >= 3 && vectors != 4) {
            gradient_3(g, from + at, dy + f, to + at, length - at, pitch);
            at += 3 * CK_LANES;
          } else if (vectors >= 2) {
            gradient_2(g, from + at, dy + f, to + at, length - at, pitch);
            at += 2 * CK_LANES;
          } else {
            gradient_1(g, from + at, dy + f, to + at, length - at, pitch);
            at += CK_LANES;
          }
        }
      }
      for (; f < g->cout; f++) {
        float *to = dw + (i * g->cout + f) * pitch + j * g->cin;
        for (ptrdiff_t at = 0; at < length; at += CK_LANES)
          gradient_single(g, from + at, dy + f, to + at, length - at, pitch);
      }
    }
  }
}
