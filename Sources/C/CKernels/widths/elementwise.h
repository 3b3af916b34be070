// Sums and products of two images for W channels at once.

static void NAME(add_images)(ptrdiff_t n, const float *a, ptrdiff_t a_pitch, const float *b,
                             ptrdiff_t b_pitch, int relu, float *y, ptrdiff_t y_pitch) {
  if (relu) {
    for (ptrdiff_t p = 0; p < n; p++)
      NAME(store)(y + p * y_pitch,
                  NAME(clamp)(NAME(load)(a + p * a_pitch) + NAME(load)(b + p * b_pitch)));
  } else {
    for (ptrdiff_t p = 0; p < n; p++)
      NAME(store)(y + p * y_pitch, NAME(load)(a + p * a_pitch) + NAME(load)(b + p * b_pitch));
  }
}

static void NAME(multiply)(ptrdiff_t n, const float *a, ptrdiff_t a_pitch, const float *b,
                           ptrdiff_t b_pitch, float *y, ptrdiff_t y_pitch, int accumulate) {
  if (accumulate) {
    for (ptrdiff_t p = 0; p < n; p++)
      NAME(store)(y + p * y_pitch,
                  NAME(load)(y + p * y_pitch) +
                      NAME(load)(a + p * a_pitch) * NAME(load)(b + p * b_pitch));
  } else {
    for (ptrdiff_t p = 0; p < n; p++)
      NAME(store)(y + p * y_pitch, NAME(load)(a + p * a_pitch) * NAME(load)(b + p * b_pitch));
  }
}

static void NAME(multiply_pixels)(ptrdiff_t n, const float *a, ptrdiff_t a_pitch,
                                  const float *factor, ptrdiff_t factor_pitch, float *y,
                                  ptrdiff_t y_pitch, int accumulate) {
  for (ptrdiff_t p = 0; p < n; p++) {
    T value = NAME(load)(a + p * a_pitch) * factor[p * factor_pitch];
    float *to = y + p * y_pitch;
    NAME(store)(to, accumulate ? NAME(load)(to) + value : value);
  }
}

static void NAME(channel_products)(ptrdiff_t n, const float *a, ptrdiff_t a_pitch, const float *b,
                                   ptrdiff_t b_pitch, double *sum) {
  for (ptrdiff_t from = 0; from < n; from += CK_SPAN) {
    ptrdiff_t to = from + CK_SPAN < n ? from + CK_SPAN : n;
    T s = {0};
    for (ptrdiff_t p = from; p < to; p++)
      s = s + NAME(load)(a + p * a_pitch) * NAME(load)(b + p * b_pitch);
    NAME(add_to)(sum, s);
  }
}
