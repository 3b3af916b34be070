// Sources and sinks: the kernels of widths/rows.h for any number of channels.

// Whole vectors of dense memory, whatever the number of channels; the rest one by one.
#define READ_DENSE(NAME, to)                                              \
  do {                                                                    \
    struct ck_source dense = *s;                                          \
    const ptrdiff_t begin = first * c, count = n * c;                     \
    const ptrdiff_t whole = count / CK_LANES * CK_LANES;                  \
    dense.x = s->x_narrow ? (const void *)((const uint16_t *)s->x + begin) \
                          : (const void *)((const float *)s->x + begin);  \
    dense.x_pitch = CK_LANES;                                             \
    NAME##_full(&dense, 0, whole / CK_LANES, 0, to, CK_LANES);            \
    dense.x_pitch = 1;                                                    \
    NAME##_one(&dense, whole, count - whole, 0, (to) + whole, 1);         \
    return;                                                               \
  } while (0)

// Eight channels without gaps: two pixels fill a vector of sixteen floats.
#if CK_LANES == 16
struct pixel_pairs {
  struct ck_source source;
  float factors[7][CK_LANES];
};

static inline int is_in_pairs(const struct ck_source *s, ptrdiff_t c) {
  return c == CK_HALF && s->x_pitch == CK_HALF && (s->kind != CK_GRADIENT || s->y_pitch == CK_HALF);
}

static inline const float *twice(float *both, const float *factors) {
  memcpy(both, factors, CK_HALF * sizeof(float));
  memcpy(both + CK_HALF, factors, CK_HALF * sizeof(float));
  return both;
}

// The same from pixel `first` on, as half as many pixels of sixteen channels.
static inline void pairs_of(const struct ck_source *s, ptrdiff_t first, struct pixel_pairs *pairs) {
  struct ck_source *to = &pairs->source;
  const ptrdiff_t begin = first * CK_HALF;
  *to = *s;
  to->x = s->x_narrow ? (const void *)((const uint16_t *)s->x + begin)
                      : (const void *)((const float *)s->x + begin);
  to->x_pitch = to->y_pitch = CK_LANES;
  if (s->kind == CK_PLAIN) return;
  to->scale = twice(pairs->factors[0], s->scale);
  to->shift = twice(pairs->factors[1], s->shift);
  to->floor = twice(pairs->factors[2], s->floor);
  if (s->ceiling) to->ceiling = twice(pairs->factors[6], s->ceiling);
  if (s->kind != CK_GRADIENT) return;
  to->y = s->y_narrow ? (const void *)((const uint16_t *)s->y + begin)
                      : (const void *)((const float *)s->y + begin);
  to->a = twice(pairs->factors[3], s->a);
  to->b = twice(pairs->factors[4], s->b);
  to->d = twice(pairs->factors[5], s->d);
}

#define READ_PAIRS(NAME, to)                                                        \
  if (is_in_pairs(s, c) && to_pitch == CK_HALF) {                                   \
    struct pixel_pairs pairs;                                                       \
    pairs_of(s, first, &pairs);                                                     \
    NAME##_full(&pairs.source, 0, n / 2, 0, to, CK_LANES);                          \
    if (n % 2) NAME##_half(s, first + n - 1, 1, 0, (to) + (n - 1) * CK_HALF, CK_HALF); \
    return;                                                                         \
  }
#else
#define READ_PAIRS(NAME, to)
#endif

static void read(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c, float *to,
                 ptrdiff_t to_pitch) {
  if (s->kind == CK_PLAIN && s->x_pitch == c && to_pitch == c) READ_DENSE(read, to);
  READ_PAIRS(read, to)
  EACH_CHANNEL(read, s, first, n, at, to, to_pitch);
}

static void write(const struct ck_sink *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c,
                  const float *from, ptrdiff_t from_pitch) {
  // Where all values lie side by side, channels do not matter.
  if (s->pitch == c && from_pitch == c) {
    struct ck_sink dense = *s;
    const ptrdiff_t begin = first * c, count = n * c, whole = count / CK_LANES * CK_LANES;
    dense.y = s->narrow ? (void *)((uint16_t *)s->y + begin) : (void *)((float *)s->y + begin);
    dense.pitch = CK_LANES;
    write_full(&dense, 0, whole / CK_LANES, 0, from, CK_LANES);
    dense.pitch = 1;
    write_one(&dense, whole, count - whole, 0, from + whole, 1);
    return;
  }
  EACH_CHANNEL(write, s, first, n, at, from, from_pitch);
}

static void gradient_sums(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c,
                          const float *mean, double *sum, double *product) {
#if CK_LANES == 16
  if (is_in_pairs(s, c) && n % 2 == 0) {
    struct pixel_pairs pairs;
    float means[CK_LANES];
    double sums[CK_LANES] = {0}, products[CK_LANES] = {0};
    pairs_of(s, first, &pairs);
    gradient_sums_full(&pairs.source, 0, n / 2, 0, twice(means, mean), sums, products);
    for (ptrdiff_t i = 0; i < CK_HALF; i++) {
      sum[i] += sums[i] + sums[CK_HALF + i];
      product[i] += products[i] + products[CK_HALF + i];
    }
    return;
  }
#endif
  EACH_CHANNEL(gradient_sums, s, first, n, at, mean, sum, product);
}
