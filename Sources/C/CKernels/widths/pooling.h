// Pooling and resampling for W channels at once. `max_pool` has windows side by side; of the others every
// result is worked out from a rectangle of pixels, a span of rows times a span of columns.

// `size` is a constant where this is called, so that its loops are unrolled for the usual one.
static inline __attribute__((always_inline)) void NAME(max_pool_of)(
    ptrdiff_t rows, ptrdiff_t cols, const ptrdiff_t size, const float *x, ptrdiff_t x_pitch,
    float *y, ptrdiff_t y_pitch) {
  const ptrdiff_t line = cols * size * x_pitch;
  for (ptrdiff_t row = 0; row < rows; row++) {
    for (ptrdiff_t col = 0; col < cols; col++) {
      const float *corner = x + row * size * line + col * size * x_pitch;
      T value = NAME(load)(corner);
      for (ptrdiff_t i = 0; i < size; i++)
        for (ptrdiff_t j = 0; j < size; j++)
          value = NAME(largest)(value, NAME(load)(corner + i * line + j * x_pitch));
      NAME(store)(y + (row * cols + col) * y_pitch, value);
    }
  }
}

static void NAME(max_pool)(ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t size, const float *x,
                           ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch) {
  if (size == 2) NAME(max_pool_of)(rows, cols, 2, x, x_pitch, y, y_pitch);
  else NAME(max_pool_of)(rows, cols, size, x, x_pitch, y, y_pitch);
}

static inline __attribute__((always_inline)) void NAME(max_pool_backward_of)(
    ptrdiff_t rows, ptrdiff_t cols, const ptrdiff_t size, const float *dy, ptrdiff_t dy_pitch,
    const float *x, ptrdiff_t x_pitch, const float *y, ptrdiff_t y_pitch, float *dx,
    ptrdiff_t dx_pitch) {
  const ptrdiff_t width = cols * size;
  for (ptrdiff_t row = 0; row < rows; row++) {
    for (ptrdiff_t col = 0; col < cols; col++) {
      ptrdiff_t result = row * cols + col;
      T most = NAME(load)(y + result * y_pitch), g = NAME(load)(dy + result * dy_pitch);
      for (ptrdiff_t i = 0; i < size; i++) {
        for (ptrdiff_t j = 0; j < size; j++) {
          ptrdiff_t pixel = (row * size + i) * width + col * size + j;
          T value = NAME(load)(x + pixel * x_pitch);
#ifdef CK_SCALAR
          T here = value == most ? g : 0;
          g = value == most ? 0 : g;
#else
          TI equal = (TI)(value == most);
          T here = (T)((TI)g & equal);
          g = (T)((TI)g & ~equal);
#endif
          NAME(store)(dx + pixel * dx_pitch, here);
        }
      }
    }
  }
}

static void NAME(max_pool_backward)(ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t size,
                                    const float *dy, ptrdiff_t dy_pitch, const float *x,
                                    ptrdiff_t x_pitch, const float *y, ptrdiff_t y_pitch,
                                    float *dx, ptrdiff_t dx_pitch) {
  if (size == 2)
    NAME(max_pool_backward_of)(rows, cols, 2, dy, dy_pitch, x, x_pitch, y, y_pitch, dx, dx_pitch);
  else
    NAME(max_pool_backward_of)(rows, cols, size, dy, dy_pitch, x, x_pitch, y, y_pitch, dx,
                               dx_pitch);
}

static void NAME(max_windows)(const struct ck_spans *rows, const struct ck_spans *cols,
                              ptrdiff_t width, const float *x, ptrdiff_t x_pitch, float *y,
                              ptrdiff_t y_pitch) {
  for (ptrdiff_t row = 0; row < rows->count; row++) {
    const float *line = x + rows->first[row] * width * x_pitch;
    for (ptrdiff_t col = 0; col < cols->count; col++) {
      const float *corner = line + cols->first[col] * x_pitch;
      T value = NAME(load)(corner);
      for (ptrdiff_t i = 0; i < rows->length[row]; i++)
        for (ptrdiff_t j = 0; j < cols->length[col]; j++)
          value = NAME(largest)(value, NAME(load)(corner + (i * width + j) * x_pitch));
      NAME(store)(y + (row * cols->count + col) * y_pitch, value);
    }
  }
}

static void NAME(max_windows_backward)(const struct ck_spans *rows, const struct ck_spans *cols,
                                       ptrdiff_t width, const float *dy, ptrdiff_t dy_pitch,
                                       const float *x, ptrdiff_t x_pitch, const float *y,
                                       ptrdiff_t y_pitch, float *dx, ptrdiff_t dx_pitch) {
  for (ptrdiff_t row = 0; row < rows->count; row++) {
    for (ptrdiff_t col = 0; col < cols->count; col++) {
      const ptrdiff_t result = row * cols->count + col;
      const ptrdiff_t corner = rows->first[row] * width + cols->first[col];
      T most = NAME(load)(y + result * y_pitch), g = NAME(load)(dy + result * dy_pitch);
      for (ptrdiff_t i = 0; i < rows->length[row]; i++) {
        for (ptrdiff_t j = 0; j < cols->length[col]; j++) {
          const ptrdiff_t pixel = corner + i * width + j;
          T value = NAME(load)(x + pixel * x_pitch);
          float *to = dx + pixel * dx_pitch;
#ifdef CK_SCALAR
          T here = value == most ? g : 0;
          g = value == most ? 0 : g;
#else
          TI equal = (TI)(value == most);
          T here = (T)((TI)g & equal);
          g = (T)((TI)g & ~equal);
#endif
          NAME(store)(to, NAME(load)(to) + here);
        }
      }
    }
  }
}

static void NAME(resample)(const struct ck_spans *rows, const struct ck_spans *cols,
                           ptrdiff_t width, const float *x, ptrdiff_t x_pitch, float *y,
                           ptrdiff_t y_pitch, int accumulate) {
  for (ptrdiff_t row = 0; row < rows->count; row++) {
    const float *down = rows->weights + row * rows->weight_pitch;
    const float *line = x + rows->first[row] * width * x_pitch;
    for (ptrdiff_t col = 0; col < cols->count; col++) {
      const float *across = cols->weights + col * cols->weight_pitch;
      const float *from = line + cols->first[col] * x_pitch;
      const ptrdiff_t length = cols->length[col];
      T sum = {0};
      for (ptrdiff_t i = 0; i < rows->length[row]; i++, from += width * x_pitch) {
        T even = {0}, odd = {0};
        ptrdiff_t j = 0;
        for (; j + 2 <= length; j += 2) {
          even = even + NAME(load)(from + j * x_pitch) * across[j];
          odd = odd + NAME(load)(from + (j + 1) * x_pitch) * across[j + 1];
        }
        if (j < length) even = even + NAME(load)(from + j * x_pitch) * across[j];
        sum = sum + (even + odd) * down[i];
      }
      float *to = y + (row * cols->count + col) * y_pitch;
      NAME(store)(to, accumulate ? NAME(load)(to) + sum : sum);
    }
  }
}
