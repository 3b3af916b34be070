// The activation functions with their slopes, and the sigmoid that losses start from.

static void sigmoid(ptrdiff_t n, const float *x, float *y, float *softplus) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float z = x[i];
    float u = exp_fast(-__builtin_fabsf(z));
    float q = 1.0f / (1.0f + u);
    y[i] = z != z ? z : z >= 0 ? q : u * q;
  }
  if (!softplus) return;
  for (ptrdiff_t i = 0; i < n; i++) {
    float z = x[i];
    float u = exp_fast(-__builtin_fabsf(z));
    softplus[i] = z != z ? z : (z > 0 ? z : 0) + log1p_fast(u);
  }
}

// NaN stays NaN, which exp_fast's limits would hide.
static void activation(enum ck_activation kind, ptrdiff_t n, ptrdiff_t c, const float *x,
                       ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch) {
  if (x_pitch == c && y_pitch == c) {
    c = n * c;
    n = 1;
  }
  for (ptrdiff_t p = 0; p < n; p++, x += x_pitch, y += y_pitch) {
    switch (kind) {
      case CK_ELU:
        for (ptrdiff_t i = 0; i < c; i++) {
          float below = expm1_fast(x[i] < 0 ? x[i] : 0);
          y[i] = x[i] < 0 ? below : x[i];
        }
        break;
      case CK_SILU:
        for (ptrdiff_t i = 0; i < c; i++) y[i] = x[i] * sigmoid_of(x[i]);
        break;
      case CK_SIGMOID:
        for (ptrdiff_t i = 0; i < c; i++) {
          float q = sigmoid_of(x[i]);
          y[i] = x[i] != x[i] ? x[i] : q;
        }
        break;
    }
  }
}

static inline float activation_slope(enum ck_activation kind, float x) {
  float q = kind == CK_ELU ? 0 : sigmoid_of(x);
  switch (kind) {
    case CK_ELU: {
      float below = exp_fast(x < 0 ? x : 0);
      return x < 0 ? below : 1.0f;
    }
    case CK_SILU: return q * (1.0f + x * (1.0f - q));
    case CK_SIGMOID: return q * (1.0f - q);
  }
}

static inline __attribute__((always_inline)) void activation_rows_backward(
    enum ck_activation kind, ptrdiff_t n, ptrdiff_t c, const float *dy, ptrdiff_t dy_pitch,
    const float *x, ptrdiff_t x_pitch, float *dx, ptrdiff_t dx_pitch, int accumulate) {
  for (ptrdiff_t p = 0; p < n; p++, dy += dy_pitch, x += x_pitch, dx += dx_pitch) {
    if (accumulate) {
      for (ptrdiff_t i = 0; i < c; i++) dx[i] += dy[i] * activation_slope(kind, x[i]);
    } else {
      for (ptrdiff_t i = 0; i < c; i++) dx[i] = dy[i] * activation_slope(kind, x[i]);
    }
  }
}

static void activation_backward(enum ck_activation kind, ptrdiff_t n, ptrdiff_t c, const float *dy,
                                ptrdiff_t dy_pitch, const float *x, ptrdiff_t x_pitch, float *dx,
                                ptrdiff_t dx_pitch, int accumulate) {
  if (dy_pitch == c && x_pitch == c && dx_pitch == c) {
    c = n * c;
    n = 1;
  }
  switch (kind) {
    case CK_ELU:
      activation_rows_backward(CK_ELU, n, c, dy, dy_pitch, x, x_pitch, dx, dx_pitch, accumulate);
      break;
    case CK_SILU:
      activation_rows_backward(CK_SILU, n, c, dy, dy_pitch, x, x_pitch, dx, dx_pitch, accumulate);
      break;
    case CK_SIGMOID:
      activation_rows_backward(CK_SIGMOID, n, c, dy, dy_pitch, x, x_pitch, dx, dx_pitch,
                               accumulate);
      break;
  }
}
