// The kernels of widths/ that are there for floats alone, for any number of channels.

// MARK: Channels

static void moments(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch,
                    const float *shift, double *sum, double *squares) {
#if CK_LANES == 16
  if (c == CK_HALF && x_pitch == CK_HALF && n % 2 == 0) {
    float shifts[CK_LANES];
    double sums[CK_LANES] = {0}, all[CK_LANES] = {0};
    moments_full(n / 2, x, CK_LANES, twice(shifts, shift), sums, all);
    for (ptrdiff_t i = 0; i < CK_HALF; i++) {
      sum[i] += sums[i] + sums[CK_HALF + i];
      squares[i] += all[i] + all[CK_HALF + i];
    }
    return;
  }
#endif
  EACH_CHANNEL(moments, n, x + at, x_pitch, shift + at, sum + at, squares + at);
}

static void channel_sums(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch,
                         double *sum) {
  EACH_CHANNEL(channel_sums, n, x + at, x_pitch, sum + at);
}

static void scale_shift(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch,
                        const float *scale, const float *shift, int relu, float *y,
                        ptrdiff_t y_pitch) {
  EACH_CHANNEL(scale_shift, n, x + at, x_pitch, scale + at, shift + at, relu, y + at, y_pitch);
}

static void copy(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, float *y,
                 ptrdiff_t y_pitch, int accumulate) {
  if (c == x_pitch && c == y_pitch && !accumulate) {
    memcpy(y, x, (size_t)(n * c) * sizeof(float));
    return;
  }
  EACH_CHANNEL(copy, n, x + at, x_pitch, y + at, y_pitch, accumulate);
}

// MARK: Pooling and resampling

static void max_pool(ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t c, ptrdiff_t size, const float *x,
                     ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch) {
  EACH_CHANNEL(max_pool, rows, cols, size, x + at, x_pitch, y + at, y_pitch);
}

static void max_pool_backward(ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t c, ptrdiff_t size,
                              const float *dy, ptrdiff_t dy_pitch, const float *x,
                              ptrdiff_t x_pitch, const float *y, ptrdiff_t y_pitch, float *dx,
                              ptrdiff_t dx_pitch) {
  EACH_CHANNEL(max_pool_backward, rows, cols, size, dy + at, dy_pitch, x + at, x_pitch, y + at,
               y_pitch, dx + at, dx_pitch);
}

static void max_windows(const struct ck_spans *rows, const struct ck_spans *cols, ptrdiff_t width,
                        ptrdiff_t c, const float *x, ptrdiff_t x_pitch, float *y,
                        ptrdiff_t y_pitch) {
  EACH_CHANNEL(max_windows, rows, cols, width, x + at, x_pitch, y + at, y_pitch);
}

static void max_windows_backward(const struct ck_spans *rows, const struct ck_spans *cols,
                                 ptrdiff_t width, ptrdiff_t c, const float *dy, ptrdiff_t dy_pitch,
                                 const float *x, ptrdiff_t x_pitch, const float *y,
                                 ptrdiff_t y_pitch, float *dx, ptrdiff_t dx_pitch) {
  EACH_CHANNEL(max_windows_backward, rows, cols, width, dy + at, dy_pitch, x + at, x_pitch, y + at,
               y_pitch, dx + at, dx_pitch);
}

static void resample(const struct ck_spans *rows, const struct ck_spans *cols, ptrdiff_t width,
                     ptrdiff_t c, const float *x, ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch,
                     int accumulate) {
  EACH_CHANNEL(resample, rows, cols, width, x + at, x_pitch, y + at, y_pitch, accumulate);
}

// MARK: Two images

static void add_images(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch,
                       const float *b, ptrdiff_t b_pitch, int relu, float *y, ptrdiff_t y_pitch) {
  // Where all values lie side by side, channels do not matter.
  if (a_pitch == c && b_pitch == c && y_pitch == c) {
    const ptrdiff_t vectors = n * c / CK_LANES, done = vectors * CK_LANES;
    add_images_full(vectors, a, CK_LANES, b, CK_LANES, relu, y, CK_LANES);
    c = n * c - done;
    n = 1;
    a += done;
    b += done;
    y += done;
  }
  EACH_CHANNEL(add_images, n, a + at, a_pitch, b + at, b_pitch, relu, y + at, y_pitch);
}

static void multiply(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch, const float *b,
                     ptrdiff_t b_pitch, float *y, ptrdiff_t y_pitch, int accumulate) {
  if (a_pitch == c && b_pitch == c && y_pitch == c) {
    const ptrdiff_t vectors = n * c / CK_LANES, done = vectors * CK_LANES;
    multiply_full(vectors, a, CK_LANES, b, CK_LANES, y, CK_LANES, accumulate);
    c = n * c - done;
    n = 1;
    a += done;
    b += done;
    y += done;
  }
  EACH_CHANNEL(multiply, n, a + at, a_pitch, b + at, b_pitch, y + at, y_pitch, accumulate);
}

static void multiply_pixels(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch,
                            const float *factor, ptrdiff_t factor_pitch, float *y,
                            ptrdiff_t y_pitch, int accumulate) {
  EACH_CHANNEL(multiply_pixels, n, a + at, a_pitch, factor, factor_pitch, y + at, y_pitch,
               accumulate);
}

static void channel_products(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch,
                             const float *b, ptrdiff_t b_pitch, double *sum) {
  EACH_CHANNEL(channel_products, n, a + at, a_pitch, b + at, b_pitch, sum + at);
}

static void pixel_products(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch,
                           const float *b, ptrdiff_t b_pitch, float *y, ptrdiff_t y_pitch,
                           int accumulate) {
  for (ptrdiff_t p = 0; p < n; p++, a += a_pitch, b += b_pitch, y += y_pitch) {
    vfull lanes = {0};
    ptrdiff_t i = 0;
    for (; i + CK_LANES <= c; i += CK_LANES)
      lanes = lanes + load_vector(a + i) * load_vector(b + i);
    float total = 0;
    for (; i < c; i++) total += a[i] * b[i];
    for (int lane = 0; lane < CK_LANES; lane++) total += lanes[lane];
    *y = accumulate ? *y + total : total;
  }
}

// MARK: Depthwise convolution

static void depthwise(const struct ck_conv *g, const float *x, const float *w, const float *bias,
                      float *y) {
  const ptrdiff_t c = g->cin;
  EACH_CHANNEL(depthwise, g, x + at, w + at, bias ? bias + at : 0, y + at);
}

static void depthwise_weights(const struct ck_conv *g, const float *x, const float *dy,
                              float *dw) {
  const ptrdiff_t c = g->cin;
  EACH_CHANNEL(depthwise_weights, g, x + at, dy + at, dw + at);
}
