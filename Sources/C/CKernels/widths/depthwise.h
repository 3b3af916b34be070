// Convolution of every channel by itself for W channels at once. Input was padded beforehand, as for
// kernels/conv.h.

// Results that are worked on at once, so that each weight is read once for all of them, and no sum waits
// for itself.
#ifndef CK_TILE
#define CK_TILE 8
#endif

// `tile`, and where they are not taken from `g` the numbers of taps, are constants wherever this is
// called.
static inline __attribute__((always_inline)) void NAME(depthwise_tile)(
    const struct ck_conv *g, const float *x, const float *w, const float *bias, float *y,
    const ptrdiff_t kh, const ptrdiff_t kw, const int tile) {
  T sums[CK_TILE] = {0};
  for (ptrdiff_t i = 0; i < kh; i++) {
    for (ptrdiff_t j = 0; j < kw; j++) {
      const float *from = x + i * g->tap_row + j * g->tap_col;
      T weight = NAME(load)(w + (i * kw + j) * g->cin);
      UNROLL for (int k = 0; k < tile; k++)
          sums[k] = sums[k] + NAME(load)(from + k * g->x_col) * weight;
    }
  }
  UNROLL for (int k = 0; k < tile; k++) {
    T value = sums[k];
    float *to = y + k * g->y_col;
    if (bias) value = value + NAME(load)(bias);
    if (g->accumulate) value = value + NAME(load)(to);
    NAME(store)(to, g->relu ? NAME(clamp)(value) : value);
  }
}

static inline __attribute__((always_inline)) void NAME(depthwise_rows)(
    const struct ck_conv *g, const float *x, const float *w, const float *bias, float *y,
    const ptrdiff_t kh, const ptrdiff_t kw) {
  for (ptrdiff_t row = 0; row < g->rows; row++) {
    const float *from = x + row * g->x_row;
    float *to = y + row * g->y_row;
    ptrdiff_t col = 0;
#define TILE(count)                    \
  NAME(depthwise_tile)                 \
  (g, from + col * g->x_col, w, bias, to + col * g->y_col, kh, kw, count)
    for (; col + CK_TILE <= g->cols; col += CK_TILE) TILE(CK_TILE);
    for (; col + 4 <= g->cols; col += 4) TILE(4);
    for (; col < g->cols; col++) TILE(1);
#undef TILE
  }
}

static void NAME(depthwise)(const struct ck_conv *g, const float *x, const float *w,
                            const float *bias, float *y) {
  if (g->kh == 3 && g->kw == 3) NAME(depthwise_rows)(g, x, w, bias, y, 3, 3);
  else if (g->kh == 5 && g->kw == 5) NAME(depthwise_rows)(g, x, w, bias, y, 5, 5);
  else NAME(depthwise_rows)(g, x, w, bias, y, g->kh, g->kw);
}

// Adds the gradients of `kh` x `kw` neighbouring taps, at most ten, whose sums stay in registers.
static inline __attribute__((always_inline)) void NAME(depthwise_taps)(
    const struct ck_conv *g, const float *x, const float *dy, float *dw, const int kh,
    const int kw) {
  T sums[10] = {0};
  for (ptrdiff_t row = 0; row < g->rows; row++) {
    const float *from = x + row * g->x_row, *slope = dy + row * g->y_row;
    for (ptrdiff_t col = 0; col < g->cols; col++, from += g->x_col, slope += g->y_col) {
      T value = NAME(load)(slope);
      UNROLL for (int i = 0; i < kh; i++) UNROLL for (int j = 0; j < kw; j++)
          sums[i * kw + j] =
              sums[i * kw + j] + NAME(load)(from + i * g->tap_row + j * g->tap_col) * value;
    }
  }
  UNROLL for (int i = 0; i < kh; i++)
    UNROLL for (int j = 0; j < kw; j++) {
      float *to = dw + (i * g->kw + j) * g->cin;
      NAME(store)(to, NAME(load)(to) + sums[i * kw + j]);
    }
}

static void NAME(depthwise_weights)(const struct ck_conv *g, const float *x, const float *dy,
                                    float *dw) {
#define TAPS(i, j, rows, columns)   \
  NAME(depthwise_taps)       \
  (g, x + (i) * g->tap_row + (j) * g->tap_col, dy, dw + ((i) * g->kw + (j)) * g->cin, rows, columns)
  if (g->kh == 3 && g->kw == 3) {
    TAPS(0, 0, 3, 3);
  } else if (g->kh == 5 && g->kw == 5) {
    TAPS(0, 0, 2, 5);
    TAPS(2, 0, 2, 5);
    TAPS(4, 0, 1, 5);
  } else {
    for (ptrdiff_t i = 0; i < g->kh; i++) {
      ptrdiff_t j = 0;
      for (; j + 3 <= g->kw; j += 3) TAPS(i, j, 1, 3);
      for (; j < g->kw; j++) TAPS(i, j, 1, 1);
    }
  }
#undef TAPS
}
