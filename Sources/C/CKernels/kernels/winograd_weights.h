// Weights to frequencies, U = G w G^T, and the gradients of frequencies back to those of weights.
// winograd.h explains the layout.

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
