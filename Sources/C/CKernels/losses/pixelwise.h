// Losses of sigmoids: those that are sums over pixels, and Dice. Pixel weights w may be null.

static double bce(ptrdiff_t n, const float *z, const float *t, const float *w, const float *p,
                  const float *softplus, float positive, float each, float *g) {
  double sum = 0;
  float cost[LOSS_SPAN], slope[LOSS_SPAN];
  EACH_SPAN(n) {
    for (ptrdiff_t j = 0; j < m; j++) {
      ptrdiff_t i = from + j;
      // -log p = softplus(z) - z, -log(1 - p) = softplus(z)
      float factor = 1.0f + (positive - 1.0f) * t[i];
      cost[j] = factor * softplus[i] - positive * t[i] * z[i];
      slope[j] = factor * p[i] - positive * t[i];
    }
    if (w) {
      for (ptrdiff_t j = 0; j < m; j++) cost[j] *= w[from + j];
      for (ptrdiff_t j = 0; j < m; j++) slope[j] *= w[from + j];
    }
    for (ptrdiff_t j = 0; j < m; j++) g[from + j] += each * slope[j];
    sum += total(m, cost);
  }
  return sum;
}

// As sums of w p t and w (p + t): a pixel of weight 0 counts for nothing.
static double dice(ptrdiff_t n, const float *t, const float *w, const float *p, double smooth,
                   float scale, float *g) {
  double overlap = 0, all = 0;
  float both[LOSS_SPAN], either[LOSS_SPAN];
  EACH_SPAN(n) {
    for (ptrdiff_t j = 0; j < m; j++) {
      both[j] = p[from + j] * t[from + j];
      either[j] = p[from + j] + t[from + j];
    }
    if (w) {
      for (ptrdiff_t j = 0; j < m; j++) both[j] *= w[from + j];
      for (ptrdiff_t j = 0; j < m; j++) either[j] *= w[from + j];
    }
    overlap += total(m, both);
    all += total(m, either);
  }
  if (w && all + smooth == 0) return 0;
  // d/dp of -(2 I + s) / (S + s) is -2 t / (S + s) + (2 I + s) / (S + s)^2
  float slope = (float)(-2 / (all + smooth));
  float offset = (float)((2 * overlap + smooth) / ((all + smooth) * (all + smooth)));
  if (w) {
    for (ptrdiff_t i = 0; i < n; i++)
      g[i] += w[i] * (scale * (slope * t[i] + offset) * p[i] * (1.0f - p[i]));
  } else {
    for (ptrdiff_t i = 0; i < n; i++)
      g[i] += scale * (slope * t[i] + offset) * p[i] * (1.0f - p[i]);
  }
  return 1 - (2 * overlap + smooth) / (all + smooth);
}

static double focal(ptrdiff_t n, const float *z, const float *t, const float *w, float gamma,
                    float positive, float negative, float each, float *g) {
  double sum = 0;
  float cost[LOSS_SPAN];
  EACH_SPAN(n) {
    for (ptrdiff_t j = 0; j < m; j++) {
      ptrdiff_t i = from + j;
      float sign = t[i] > 0.5f ? 1.0f : -1.0f;
      float a = t[i] > 0.5f ? positive : negative;
      a *= w ? w[i] : 1.0f;
      float x = z[i] * sign;
      float u = exp_fast(-__builtin_fabsf(x));
      float log1p = log1p_fast(u);
      float large = 1.0f / (1.0f + u), small = u * large;
      float q = x >= 0 ? large : small, wrong = x >= 0 ? small : large;
      // -log q = softplus(-x) and log(1 - q) = -softplus(x), so that no power is needed.
      float loss = (x < 0 ? -x : 0.0f) + log1p;
      float power = exp_fast(-gamma * ((x > 0 ? x : 0.0f) + log1p));
      cost[j] = x != x ? x : a * power * loss;
      // d/dx of (1 - q)^gamma (-log q) with dq/dx = q (1 - q)
      g[i] -= each * a * sign * power * (gamma * q * loss + wrong);
    }
    sum += total(m, cost);
  }
  return sum;
}
