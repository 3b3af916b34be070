// The losses of one image and their gradients. Pixels are worked on in spans short enough for the
// first-level cache: each loss writes a span's costs, and `total` adds them up.

enum { LOSS_SPAN = 512 };

// The sum in a fixed order.
static double total(ptrdiff_t n, const float *x) {
  enum { LANES = 16 };
  double sums[LANES] = {0};
  ptrdiff_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++) sums[j] += x[i + j];
  for (; i < n; i++) sums[0] += x[i];
  double all = 0;
  for (int j = 0; j < LANES; j++) all += sums[j];
  return all;
}

#define EACH_SPAN(n)                                                                     \
  for (ptrdiff_t from = 0, m = (n) < LOSS_SPAN ? (n) : LOSS_SPAN; from < (n);            \
       from += m, m = (n) - from < LOSS_SPAN ? (n) - from : LOSS_SPAN)

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

static double dice(ptrdiff_t n, const float *t, const float *p, double smooth, float scale,
                   float *g) {
  double overlap = 0, all = 0;
  float both[LOSS_SPAN], either[LOSS_SPAN];
  EACH_SPAN(n) {
    for (ptrdiff_t j = 0; j < m; j++) {
      both[j] = p[from + j] * t[from + j];
      either[j] = p[from + j] + t[from + j];
    }
    overlap += total(m, both);
    all += total(m, either);
  }
  // d/dp of -(2 I + s) / (S + s) is -2 t / (S + s) + (2 I + s) / (S + s)^2
  float slope = (float)(-2 / (all + smooth));
  float offset = (float)((2 * overlap + smooth) / ((all + smooth) * (all + smooth)));
  for (ptrdiff_t i = 0; i < n; i++)
    g[i] += scale * (slope * t[i] + offset) * p[i] * (1.0f - p[i]);
  return 1 - (2 * overlap + smooth) / (all + smooth);
}

static double focal(ptrdiff_t n, const float *z, const float *t, float gamma, float positive,
                    float negative, float each, float *g) {
  double sum = 0;
  float cost[LOSS_SPAN];
  EACH_SPAN(n) {
    for (ptrdiff_t j = 0; j < m; j++) {
      ptrdiff_t i = from + j;
      float sign = t[i] > 0.5f ? 1.0f : -1.0f;
      float a = t[i] > 0.5f ? positive : negative;
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

// A number's place in descending order, as bits: the larger number has the smaller key.
static inline uint32_t descending(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof(bits));
  return ~(bits ^ ((uint32_t)((int32_t)bits >> 31) | 0x80000000u));
}

// The number of a key.
static inline float of_descending(uint32_t key) {
  uint32_t up = ~key;
  uint32_t bits = up ^ (((up >> 31) - 1u) | 0x80000000u);
  float x;
  memcpy(&x, &bits, sizeof(x));
  return x;
}

// Sorts by the upper 32 bits; equals keep their order. Returns where the result is: `a` or `b`.
static uint64_t *radix_sort(ptrdiff_t n, uint64_t *a, uint64_t *b) {
  enum { BITS = 11, BUCKETS = 1 << BITS, PASSES = 3 };
  uint32_t starts[PASSES][BUCKETS];
  memset(starts, 0, sizeof(starts));
  for (ptrdiff_t i = 0; i < n; i++) {
    uint32_t key = (uint32_t)(a[i] >> 32);
    for (int pass = 0; pass < PASSES; pass++)
      starts[pass][(key >> (pass * BITS)) & (BUCKETS - 1)]++;
  }
  for (int pass = 0; pass < PASSES; pass++) {
    uint32_t at = 0;
    int is_sorted = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      uint32_t count = starts[pass][bucket];
      is_sorted |= count == (uint32_t)n;
      starts[pass][bucket] = at;
      at += count;
    }
    if (is_sorted) continue;
    const int shift = 32 + pass * BITS;
    for (ptrdiff_t i = 0; i < n; i++) {
      uint64_t item = a[i];
      b[starts[pass][(item >> shift) & (BUCKETS - 1)]++] = item;
    }
    uint64_t *other = a;
    a = b;
    b = other;
  }
  return a;
}

// Pixels of a span in descending order of their errors.
struct lovasz_span {
  float error[LOSS_SPAN];
  float is_positive[LOSS_SPAN];
  float before[LOSS_SPAN];  // positive pixels before this one
  uint32_t pixel[LOSS_SPAN];
};

// The Jaccard loss of a set of mispredicted pixels grows by this much with each pixel: by 1 / U for
// one that should have been marked, by I / U (U + 1) for one that should not, with I and U the
// intersection and union before. `flipped` swaps the two classes.
static void lovasz_weights(ptrdiff_t from, ptrdiff_t m, const struct lovasz_span *s, float positives,
                           int flipped, float *weight) {
  for (ptrdiff_t j = 0; j < m; j++) {
    float p = s->before[j], q = (float)(int32_t)(from + j) - p;
    float seen = flipped ? q : p, others = flipped ? p : q;
    float is_marked = flipped ? 1.0f - s->is_positive[j] : s->is_positive[j];
    float both = positives - seen, either = positives + others;
    float top = is_marked > 0 ? 1.0f : both;
    float bottom = is_marked > 0 ? either : either * (either + 1.0f);
    weight[j] = top / bottom;
  }
  // Of an image without marks, the first pixel is all of the loss.
  if (from == 0 && positives == 0) weight[0] = 1;
}

static double lovasz(ptrdiff_t n, const float *z, const float *t, int elu, int symmetric,
                     float scale, void *scratch, float *g) {
  // An item is an error's key, then the pixel's number and class.
  uint64_t *items = scratch;
  ptrdiff_t positives = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    uint32_t is_positive = t[i] > 0.5f;
    float error = 1.0f - (is_positive ? z[i] : -z[i]);
    positives += is_positive;
    items[i] = (uint64_t)descending(error) << 32 | (uint32_t)i << 1 | is_positive;
  }
  ptrdiff_t count = n;
  if (!elu) {
    // Those above zero. Not found by "error > 0", since what is no number must show in the loss.
    const uint64_t zero = (uint64_t)descending(0) << 32, least = (uint64_t)descending(-INFINITY) << 32;
    count = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
      uint64_t item = items[i], key = item & ~(uint64_t)UINT32_MAX;
      items[count] = item;
      count += (key < zero) | (key > least);
    }
  }
  items = radix_sort(count, items, items + n);

  double sum = 0;
  ptrdiff_t seen = 0;
  struct lovasz_span s;
  float weight[LOSS_SPAN], other[LOSS_SPAN], cost[LOSS_SPAN], slope[LOSS_SPAN];
  EACH_SPAN(count) {
    for (ptrdiff_t j = 0; j < m; j++) {
      uint64_t item = items[from + j];
      s.error[j] = of_descending((uint32_t)(item >> 32));
      s.pixel[j] = (uint32_t)item >> 1;
      s.is_positive[j] = (float)(int32_t)(item & 1);
    }
    for (ptrdiff_t j = 0; j < m; j++) {
      s.before[j] = (float)(int32_t)seen;
      seen += items[from + j] & 1;
    }
    lovasz_weights(from, m, &s, (float)positives, 0, weight);
    if (symmetric) {
      lovasz_weights(from, m, &s, (float)(n - positives), 1, other);
      for (ptrdiff_t j = 0; j < m; j++) weight[j] = 0.5f * (weight[j] + other[j]);
    }
    for (ptrdiff_t j = 0; j < m; j++) {
      cost[j] = s.error[j];
      slope[j] = 1;
    }
    if (elu) {
      for (ptrdiff_t j = 0; j < m; j++) {
        float e = s.error[j], power = exp_fast(e < 0 ? e : 0);
        slope[j] = power;
        cost[j] = e <= 0 ? power : e + 1.0f;
      }
    }
    for (ptrdiff_t j = 0; j < m; j++) {
      cost[j] *= weight[j];
      slope[j] *= scale * weight[j] * (1.0f - 2.0f * s.is_positive[j]);
    }
    for (ptrdiff_t j = 0; j < m; j++) g[s.pixel[j]] += slope[j];
    sum += total(m, cost);
  }
  return sum;
}

// log x for x of 1 or more.
static inline float log_fast(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof(bits));
  int32_t power = (bits >> 23) - 127;
  bits -= power << 23;
  float rest;
  memcpy(&rest, &bits, sizeof(rest));
  return (float)power * 0.693147181f + log1p_fast(rest - 1.0f);
}

static double cross_entropy(ptrdiff_t n, ptrdiff_t c, const float *z, const float *t,
                            const float *w, float each, float *scratch, float *g) {
  // Differences to each pixel's largest logit, so that no power overflows.
  for (ptrdiff_t i = 0; i < n; i++) {
    const float *x = z + i * c;
    float most = x[0];
    for (ptrdiff_t k = 1; k < c; k++) most = x[k] > most || x[k] != x[k] ? x[k] : most;
    for (ptrdiff_t k = 0; k < c; k++) scratch[i * c + k] = x[k] - most;
  }
  double sum = 0;
  float cost[LOSS_SPAN], powers[LOSS_SPAN];
  EACH_SPAN(n) {
    float *d = scratch + from * c;
    for (ptrdiff_t j = 0; j < m; j++) {
      float class = t[from + j];
      int is_class = class >= 0 && class < (float)c && class == (float)(int32_t)class;
      cost[j] = is_class ? -d[j * c + (int32_t)class] : NAN;
    }
    for (ptrdiff_t i = 0; i < m * c; i++) d[i] = exp_fast(d[i]);
    for (ptrdiff_t j = 0; j < m; j++) {
      powers[j] = 0;
      for (ptrdiff_t k = 0; k < c; k++) powers[j] += d[j * c + k];
    }
    for (ptrdiff_t j = 0; j < m; j++) cost[j] += log_fast(powers[j]);
    for (ptrdiff_t j = 0; j < m; j++) {
      float weight = w ? w[from + j] : 1.0f;
      float share = each * weight / powers[j];
      float *to = g + (from + j) * c;
      for (ptrdiff_t k = 0; k < c; k++) to[k] += share * d[j * c + k];
      if (cost[j] == cost[j]) to[(int32_t)t[from + j]] -= each * weight;
      cost[j] *= weight;
    }
    sum += total(m, cost);
  }
  return sum;
}
