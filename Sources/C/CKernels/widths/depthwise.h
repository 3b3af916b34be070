// Convolution of every channel by itself for W channels at once. Input was padded beforehand, as for
// kernels/conv.h.

// Results that are worked on at once, so that each weight is read once for all of them.
#ifndef CK_TILE
#define CK_TILE 4
#endif

static inline __attribute__((always_inline)) void NAME(depthwise_tile)(
    const struct ck_conv *g, const float *x, const float *w, const float *bias, float *y,
    const int tile) {
  T sums[CK_TILE] = {0};
  for (ptrdiff_t i = 0; i < g->kh; i++) {
    for (ptrdiff_t j = 0; j < g->kw; j++) {
      const float *from = x + i * g->tap_row + j * g->tap_col;
      T weight = NAME(load)(w + (i * g->kw + j) * g->cin);
      for (int k = 0; k < tile; k++) sums[k] = sums[k] + NAME(load)(from + k * g->x_col) * weight;
    }
  }
  for (int k = 0; k < tile; k++) {
    T value = sums[k];
    float *to = y + k * g->y_col;
    if (bias) value = value + NAME(load)(bias);
    if (g->accumulate) value = value + NAME(load)(to);
    NAME(store)(to, g->relu ? NAME(clamp)(value) : value);
  }
}

static void NAME(depthwise)(const struct ck_conv *g, const float *x, const float *w,
                            const float *bias, float *y) {
  for (ptrdiff_t row = 0; row < g->rows; row++) {
    const float *from = x + row * g->x_row;
    float *to = y + row * g->y_row;
    ptrdiff_t col = 0;
    for (; col + CK_TILE <= g->cols; col += CK_TILE)
      NAME(depthwise_tile)(g, from + col * g->x_col, w, bias, to + col * g->y_col, CK_TILE);
    for (; col < g->cols; col++)
      NAME(depthwise_tile)(g, from + col * g->x_col, w, bias, to + col * g->y_col, 1);
  }
}

// Adds the gradients of `taps` neighbours in a row of taps.
static inline __attribute__((always_inline)) void NAME(depthwise_taps)(
    const struct ck_conv *g, const float *x, const float *dy, float *dw, const int taps) {
  for (ptrdiff_t row = 0; row < g->rows; row++) {
    const float *from = x + row * g->x_row, *slope = dy + row * g->y_row;
    T sums[3] = {0};
    for (ptrdiff_t col = 0; col < g->cols; col++) {
      T value = NAME(load)(slope + col * g->y_col);
      for (int k = 0; k < taps; k++)
        sums[k] = sums[k] + NAME(load)(from + col * g->x_col + k * g->tap_col) * value;
    }
    for (int k = 0; k < taps; k++)
      NAME(store)(dw + k * g->cin, NAME(load)(dw + k * g->cin) + sums[k]);
  }
}

static void NAME(depthwise_weights)(const struct ck_conv *g, const float *x, const float *dy,
                                    float *dw) {
  for (ptrdiff_t i = 0; i < g->kh; i++) {
    ptrdiff_t j = 0;
    for (; j + 3 <= g->kw; j += 3)
      NAME(depthwise_taps)(g, x + i * g->tap_row + j * g->tap_col, dy,
                           dw + (i * g->kw + j) * g->cin, 3);
    for (; j < g->kw; j++)
      NAME(depthwise_taps)(g, x + i * g->tap_row + j * g->tap_col, dy,
                           dw + (i * g->kw + j) * g->cin, 1);
  }
}
