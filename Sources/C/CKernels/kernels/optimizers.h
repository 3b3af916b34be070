// What moves the parameters: gradient norms, Adam, momentum, averages. All of it is over dense memory.

static double sum_squares(ptrdiff_t n, const float *x) {
  enum { LANES = 16 };
  double sums[LANES] = {0};
  ptrdiff_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++) sums[j] += (double)x[i + j] * x[i + j];
  for (; i < n; i++) sums[0] += (double)x[i] * x[i];
  double total = 0;
  for (int j = 0; j < LANES; j++) total += sums[j];
  return total;
}

static void add(ptrdiff_t n, const float *x, float *y) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] += x[i];
}

static void adam(ptrdiff_t n, float *w, const float *g, float *m, float *v, float scale,
                 float beta1, float beta2, float rate, float root, float epsilon, float l2,
                 float decay) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float d = g[i] * scale + l2 * w[i];
    m[i] = beta1 * m[i] + (1.0f - beta1) * d;
    v[i] = beta2 * v[i] + (1.0f - beta2) * d * d;
    float kept = w[i] - decay * w[i];
    // Not sqrtf: errno would keep the loop from being vectors.
    w[i] = kept - rate * m[i] / (__builtin_elementwise_sqrt(v[i]) * root + epsilon);
  }
}

static void momentum(ptrdiff_t n, float *w, const float *g, float *m, float scale, float momentum,
                     float rate, float l2, int nesterov) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float d = g[i] * scale + l2 * w[i];
    m[i] = momentum * m[i] + d;
    w[i] -= rate * (nesterov ? d + momentum * m[i] : m[i]);
  }
}

static void average(ptrdiff_t n, const float *w, float *average, float share) {
  for (ptrdiff_t i = 0; i < n; i++) average[i] += share * (w[i] - average[i]);
}
