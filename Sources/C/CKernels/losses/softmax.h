// Losses of a softmax over classes. They work on planes, one a class, so that pixels lie in the lanes of
// vectors whatever the number of classes. Targets are numbers of classes; `IGNORED` counts for nothing.

#define IGNORED 255.0f

// p[class][pixel] = softmax(z[pixel][class]); of each pixel, cost = -log p of the true class and
// weight = its weight, both 0 where the target is ignored; the cost is NaN where there is no such class.
static void softmax(ptrdiff_t n, ptrdiff_t c, const float *z, const float *t, const float *w, float *p,
                    ptrdiff_t pitch, float *cost, float *weight) {
  float most[LOSS_SPAN], sum[LOSS_SPAN];
  EACH_SPAN(n) {
    const float *from_z = z + from * c, *class = t + from;
    float *plane = p + from;
    transpose(m, c, from_z, c, plane, pitch);
    for (ptrdiff_t j = 0; j < m; j++) {
      most[j] = plane[j];
      sum[j] = 0;
    }
    for (ptrdiff_t k = 1; k < c; k++) {
      const float *x = plane + k * pitch;
      for (ptrdiff_t j = 0; j < m; j++) most[j] = x[j] > most[j] || x[j] != x[j] ? x[j] : most[j];
    }
    for (ptrdiff_t k = 0; k < c; k++) {
      float *x = plane + k * pitch;
      // Differences to each pixel's largest logit, so that no power overflows.
      for (ptrdiff_t j = 0; j < m; j++) {
        float power = exp_fast(x[j] - most[j]);
        x[j] = power;
        sum[j] += power;
      }
    }
    for (ptrdiff_t j = 0; j < m; j++) {
      int is_class = class[j] >= 0 && class[j] < (float)c && class[j] == (float)(int32_t)class[j];
      int is_ignored = class[j] == IGNORED || (w && w[from + j] == 0);
      cost[from + j] = is_ignored ? 0
                       : is_class ? most[j] - from_z[j * c + (int32_t)class[j]] : NAN;
      weight[from + j] = is_ignored ? 0 : w ? w[from + j] : 1.0f;
    }
    for (ptrdiff_t j = 0; j < m; j++) {
      float own = cost[from + j] + log_fast(sum[j]);
      cost[from + j] = weight[from + j] == 0 && cost[from + j] == 0 ? 0 : own;
      sum[j] = 1.0f / sum[j];
    }
    for (ptrdiff_t k = 0; k < c; k++) {
      float *x = plane + k * pitch;
      for (ptrdiff_t j = 0; j < m; j++) x[j] *= sum[j];
    }
  }
}

// The sum over pixels of weight v (cross + focal (1 - q)^gamma) cost, with v the class's weight (1 if
// null) and q = exp(-cost); `slope` gets `each` times its derivative by the cost.
static double class_costs(ptrdiff_t n, const float *cost, const float *weight, const float *t,
                          const float *classes, float cross, float focal, float gamma, float each,
                          float *slope) {
  double sum = 0;
  float own[LOSS_SPAN], total_cost[LOSS_SPAN];
  EACH_SPAN(n) {
    const float *x = cost + from;
    for (ptrdiff_t j = 0; j < m; j++) own[j] = weight[from + j];
    if (classes) {
      for (ptrdiff_t j = 0; j < m; j++)
        if (own[j] != 0 && x[j] == x[j]) own[j] *= classes[(int32_t)t[from + j]];
    }
    if (focal == 0) {
      for (ptrdiff_t j = 0; j < m; j++) {
        total_cost[j] = own[j] * cross * x[j];
        slope[from + j] = each * own[j] * cross;
      }
    } else {
      for (ptrdiff_t j = 0; j < m; j++) {
        float wrong = -expm1_fast(-x[j]);
        wrong = wrong > 1e-37f ? wrong : 1e-37f;
        float q = exp_fast(-x[j]), power = exp_fast(-gamma * log_fast(1.0f / wrong));
        total_cost[j] = own[j] * (cross + focal * power) * x[j];
        slope[from + j] = each * own[j] * (cross + focal * power * (1.0f + gamma * q * x[j] / wrong));
      }
    }
    sum += total(m, total_cost);
  }
  return sum;
}

// Of each class, the sums of weight p where it is true, of weight p, and of weight where it is true.
static void class_sums(ptrdiff_t n, ptrdiff_t c, const float *p, ptrdiff_t pitch, const float *t,
                       const float *weight, double *overlap, double *predicted, double *present) {
  float both[LOSS_SPAN], all[LOSS_SPAN], marked[LOSS_SPAN];
  for (ptrdiff_t k = 0; k < c; k++) overlap[k] = predicted[k] = present[k] = 0;
  EACH_SPAN(n) {
    for (ptrdiff_t k = 0; k < c; k++) {
      const float *x = p + k * pitch + from, *v = weight + from, *class = t + from;
      const float number = (float)k;
      for (ptrdiff_t j = 0; j < m; j++) {
        marked[j] = class[j] == number ? v[j] : 0;
        both[j] = class[j] == number ? v[j] * x[j] : 0;
        all[j] = v[j] * x[j];
      }
      overlap[k] += total(m, both);
      predicted[k] += total(m, all);
      present[k] += total(m, marked);
    }
  }
}

// g[pixel][class] += planes[class][pixel]. Scratch: c LOSS_SPAN floats.
static void add_planes(ptrdiff_t n, ptrdiff_t c, const float *planes, ptrdiff_t pitch, float *scratch,
                       float *g) {
  EACH_SPAN(n) {
    transpose(c, m, planes + from, pitch, scratch, c);
    float *to = g + from * c;
    for (ptrdiff_t i = 0; i < m * c; i++) to[i] += scratch[i];
  }
}

// Brings gradients to the logits: `slope`, by the cost of the true class; `region`, of each class two
// numbers a and b, so that the gradient by p is weight (a + b where the class is true); and `dp`, the same
// pixel by pixel. The latter two may be null. Scratch: 2 c LOSS_SPAN floats.
static void softmax_gradient(ptrdiff_t n, ptrdiff_t c, const float *p, ptrdiff_t pitch, const float *t,
                             const float *weight, const float *slope, const float *region,
                             const float *dp, float *scratch, float *g) {
  float inner[LOSS_SPAN];
  EACH_SPAN(n) {
    const float *class = t + from, *v = weight + from, *s = slope + from;
    for (ptrdiff_t j = 0; j < m; j++) inner[j] = 0;
    if (region || dp) {
      for (ptrdiff_t k = 0; k < c; k++) {
        const float *x = p + k * pitch + from;
        const float number = (float)k;
        float *to = scratch + k * LOSS_SPAN;
        for (ptrdiff_t j = 0; j < m; j++) to[j] = dp ? dp[k * pitch + from + j] : 0;
        if (region) {
          const float a = region[2 * k], b = region[2 * k + 1];
          for (ptrdiff_t j = 0; j < m; j++) to[j] += v[j] * (class[j] == number ? a + b : a);
        }
        for (ptrdiff_t j = 0; j < m; j++) inner[j] += to[j] * x[j];
      }
    }
    for (ptrdiff_t k = 0; k < c; k++) {
      const float *x = p + k * pitch + from;
      const float number = (float)k;
      float *to = scratch + k * LOSS_SPAN;
      if (region || dp) {
        for (ptrdiff_t j = 0; j < m; j++)
          to[j] = x[j] * (to[j] - inner[j]) + s[j] * (class[j] == number ? x[j] - 1.0f : x[j]);
      } else {
        for (ptrdiff_t j = 0; j < m; j++) to[j] = s[j] * (class[j] == number ? x[j] - 1.0f : x[j]);
      }
    }
    add_planes(m, c, scratch, LOSS_SPAN, scratch + c * LOSS_SPAN, g + from * c);
  }
}
