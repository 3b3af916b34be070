// The Lovász losses: errors are sorted, and each pixel's weight is what its mistake adds to the Jaccard
// loss of the pixels with larger errors.

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
  float own[LOSS_SPAN];      // what the pixel weighs
  float before[LOSS_SPAN];   // what positive pixels before this one weigh
  float earlier[LOSS_SPAN];  // what all pixels before this one weigh
  uint32_t pixel[LOSS_SPAN];
};

// The Jaccard loss of a set of mispredicted pixels grows by this much with each pixel: by 1 / U for
// one that should have been marked, by I / U (U + 1) for one that should not, with I and U the
// intersection and union before. Pixels with a weight v count as v pixels at once: v / U and
// v I / U (U + v). `flipped` swaps the two classes.
static void lovasz_weights(ptrdiff_t from, ptrdiff_t m, const struct lovasz_span *s, float positives,
                           int flipped, int weighted, float *weight) {
  for (ptrdiff_t j = 0; j < m; j++) {
    float v = weighted ? s->own[j] : 1.0f;
    float p = s->before[j], q = (weighted ? s->earlier[j] : (float)(int32_t)(from + j)) - p;
    float seen = flipped ? q : p, others = flipped ? p : q;
    float is_marked = flipped ? 1.0f - s->is_positive[j] : s->is_positive[j];
    float both = positives - seen, either = positives + others;
    float top = is_marked > 0 ? v : v * both;
    float bottom = is_marked > 0 ? either : either * (either + v);
    weight[j] = top / bottom;
  }
  // Of an image without marks, the first pixel is all of the loss.
  if (from == 0 && positives == 0) weight[0] = 1;
}

// An error of 0 to 1 as a whole number of two radix digits, the larger error the smaller number.
enum { LOVASZ_STEPS = (1 << 22) - 1 };

enum lovasz_errors {
  LOVASZ_HINGE,   // keys of floats, at max(e, 0)
  LOVASZ_ELU,     // keys of floats, at elu(e) + 1
  LOVASZ_SHARES,  // numbers of steps
};

// The loss of pixels that are to be sorted, of which `positives` and `negatives` weigh so much in the
// whole image. An item is an error's key, then the pixel's number and class. g gets `scale` times the
// gradient with respect to what errors fall with at positive pixels and rise with elsewhere.
static double lovasz_of_items(ptrdiff_t count, uint64_t *items, uint64_t *room, const float *w,
                              double positives, double negatives, enum lovasz_errors errors,
                              int symmetric, float scale, float *g) {
  items = radix_sort(count, items, room);
  double sum = 0, marked = 0, all = 0;
  struct lovasz_span s;
  float weight[LOSS_SPAN], other[LOSS_SPAN], cost[LOSS_SPAN], slope[LOSS_SPAN];
  EACH_SPAN(count) {
    for (ptrdiff_t j = 0; j < m; j++) {
      uint64_t item = items[from + j];
      uint32_t key = (uint32_t)(item >> 32);
      s.error[j] = errors == LOVASZ_SHARES ? (float)(LOVASZ_STEPS - (int32_t)key) * (1.0f / LOVASZ_STEPS)
                                           : of_descending(key);
      s.pixel[j] = (uint32_t)item >> 1;
      s.is_positive[j] = (float)(int32_t)(item & 1);
    }
    if (w) {
      for (ptrdiff_t j = 0; j < m; j++) {
        s.own[j] = w[s.pixel[j]];
        s.before[j] = (float)marked;
        s.earlier[j] = (float)all;
        all += s.own[j];
        marked += s.is_positive[j] > 0 ? s.own[j] : 0;
      }
    } else {
      ptrdiff_t seen = (ptrdiff_t)marked;
      for (ptrdiff_t j = 0; j < m; j++) {
        s.before[j] = (float)(int32_t)seen;
        seen += items[from + j] & 1;
      }
      marked = (double)seen;
    }
    lovasz_weights(from, m, &s, (float)positives, 0, w != 0, weight);
    if (symmetric) {
      lovasz_weights(from, m, &s, (float)negatives, 1, w != 0, other);
      for (ptrdiff_t j = 0; j < m; j++) weight[j] = 0.5f * (weight[j] + other[j]);
    }
    for (ptrdiff_t j = 0; j < m; j++) {
      cost[j] = s.error[j];
      slope[j] = 1;
    }
    if (errors == LOVASZ_ELU) {
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

static double lovasz(ptrdiff_t n, const float *z, const float *t, const float *w, int elu,
                     int symmetric, float scale, void *scratch, float *g) {
  uint64_t *items = scratch;
  ptrdiff_t count = 0;
  double positives = 0, negatives = 0;
  if (w) {
    for (ptrdiff_t i = 0; i < n; i++) {
      uint32_t is_positive = t[i] > 0.5f;
      float error = 1.0f - (is_positive ? z[i] : -z[i]);
      if (is_positive) positives += w[i];
      else negatives += w[i];
      items[count] = (uint64_t)descending(error) << 32 | (uint32_t)i << 1 | is_positive;
      count += w[i] > 0;
    }
  } else {
    ptrdiff_t marked = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
      uint32_t is_positive = t[i] > 0.5f;
      float error = 1.0f - (is_positive ? z[i] : -z[i]);
      marked += is_positive;
      items[i] = (uint64_t)descending(error) << 32 | (uint32_t)i << 1 | is_positive;
    }
    count = n;
    positives = (double)marked;
    negatives = (double)(n - marked);
  }
  if (!elu) {
    // Those above zero. Not found by "error > 0", since what is no number must show in the loss.
    const uint64_t zero = (uint64_t)descending(0) << 32, least = (uint64_t)descending(-INFINITY) << 32;
    const ptrdiff_t all = count;
    count = 0;
    for (ptrdiff_t i = 0; i < all; i++) {
      uint64_t item = items[i], key = item & ~(uint64_t)UINT32_MAX;
      items[count] = item;
      count += (key < zero) | (key > least);
    }
  }
  return lovasz_of_items(count, items, items + n, w, positives, negatives,
                         elu ? LOVASZ_ELU : LOVASZ_HINGE, symmetric, scale, g);
}

// Errors are 1 - p where the class is true, and p elsewhere. Those that round to nothing are left out:
// the softmax's own slope makes nothing of their gradients.
static double lovasz_class(ptrdiff_t n, const float *p, const float *t, const float *w, float class,
                           int weighted, float scale, void *scratch, float *dp) {
  uint64_t *items = scratch;
  ptrdiff_t count = 0, marked = 0;
  double positives = 0, negatives = 0;
  uint32_t steps[LOSS_SPAN], is_positive[LOSS_SPAN];
  EACH_SPAN(n) {
    for (ptrdiff_t j = 0; j < m; j++) {
      uint32_t is_class = t[from + j] == class;
      float error = is_class ? 1.0f - p[from + j] : p[from + j];
      // NaN becomes 0; it shows in the cross entropy.
      error = error > 0 ? error : 0;
      steps[j] = w[from + j] > 0 ? (uint32_t)(int32_t)(error * LOVASZ_STEPS + 0.5f) : 0;
      is_positive[j] = is_class;
      dp[from + j] = 0;
    }
    if (weighted) {
      for (ptrdiff_t j = 0; j < m; j++) {
        if (is_positive[j]) positives += w[from + j];
        else negatives += w[from + j];
      }
    } else {
      for (ptrdiff_t j = 0; j < m; j++) marked += is_positive[j] & (w[from + j] > 0);
    }
    for (ptrdiff_t j = 0; j < m; j++) {
      items[count] = (uint64_t)(LOVASZ_STEPS - steps[j]) << 32 | (uint32_t)(from + j) << 1 | is_positive[j];
      count += steps[j] > 0;
    }
  }
  if (!weighted) positives = (double)marked;
  return lovasz_of_items(count, items, items + n, weighted ? w : 0, positives, negatives, LOVASZ_SHARES,
                         0, scale, dp);
}
