// Sums, scales and copies of W channels at once.

static void NAME(moments)(ptrdiff_t n, const float *x, ptrdiff_t pitch, const float *shift,
                          double *sum, double *squares) {
  T s = NAME(load)(shift);
  for (ptrdiff_t from = 0; from < n; from += CK_SPAN) {
    ptrdiff_t to = from + CK_SPAN < n ? from + CK_SPAN : n;
    T a0 = {0}, a1 = {0}, b0 = {0}, b1 = {0};
    ptrdiff_t p = from;
    for (; p + 2 <= to; p += 2) {
      T d0 = NAME(load)(x + p * pitch) - s, d1 = NAME(load)(x + (p + 1) * pitch) - s;
      a0 = a0 + d0;
      a1 = a1 + d1;
      b0 = b0 + d0 * d0;
      b1 = b1 + d1 * d1;
    }
    for (; p < to; p++) {
      T d = NAME(load)(x + p * pitch) - s;
      a0 = a0 + d;
      b0 = b0 + d * d;
    }
    NAME(add_to)(sum, a0 + a1);
    NAME(add_to)(squares, b0 + b1);
  }
}

static void NAME(channel_sums)(ptrdiff_t n, const float *x, ptrdiff_t pitch, double *sum) {
  for (ptrdiff_t from = 0; from < n; from += CK_SPAN) {
    ptrdiff_t to = from + CK_SPAN < n ? from + CK_SPAN : n;
    T a = {0};
    for (ptrdiff_t p = from; p < to; p++) a = a + NAME(load)(x + p * pitch);
    NAME(add_to)(sum, a);
  }
}

static void NAME(scale_shift)(ptrdiff_t n, const float *x, ptrdiff_t x_pitch, const float *scale,
                              const float *shift, int relu, float *y, ptrdiff_t y_pitch) {
  T a = NAME(load)(scale), b = NAME(load)(shift);
  if (relu) {
    for (ptrdiff_t p = 0; p < n; p++) {
      T value = NAME(load)(x + p * x_pitch) * a + b;
      NAME(store)(y + p * y_pitch, NAME(clamp)(value));
    }
  } else {
    for (ptrdiff_t p = 0; p < n; p++)
      NAME(store)(y + p * y_pitch, NAME(load)(x + p * x_pitch) * a + b);
  }
}

static void NAME(copy)(ptrdiff_t n, const float *x, ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch,
                       int accumulate) {
  if (accumulate) {
    for (ptrdiff_t p = 0; p < n; p++)
      NAME(store)(y + p * y_pitch, NAME(load)(y + p * y_pitch) + NAME(load)(x + p * x_pitch));
  } else {
    for (ptrdiff_t p = 0; p < n; p++) NAME(store)(y + p * y_pitch, NAME(load)(x + p * x_pitch));
  }
}
