// Reading pixels as a layer sees them, and writing results, for W channels at once. With CK_BFLOAT16,
// memory may hold bfloat16.

#ifdef CK_BFLOAT16
#define LOAD(from, at, narrow) \
  ((narrow) ? NAME(widen)((const uint16_t *)(from) + (at)) : NAME(load)((const float *)(from) + (at)))
#define STORE(to, at, value, narrow)                            \
  do {                                                          \
    if (narrow) NAME(round_to)((uint16_t *)(to) + (at), value); \
    else NAME(store)((float *)(to) + (at), value);              \
  } while (0)
#define NARROW(test) (test)
#else
#define LOAD(from, at, narrow) ((void)(narrow), NAME(load)((const float *)(from) + (at)))
#define STORE(to, at, value, narrow) \
  ((void)(narrow), NAME(store)((float *)(to) + (at), value))
#define NARROW(test) 0
#endif

// max(value, floor); NaN stays NaN, since a loss that looks healthy must not hide it.
static inline __attribute__((always_inline)) T NAME(at_least)(T value, T floor) {
#ifdef CK_SCALAR
  return value <= floor ? floor : value;
#else
  TI below = (TI)(value <= floor);
  return (T)(((TI)floor & below) | ((TI)value & ~below));
#endif
}

// min(value, ceiling); NaN stays NaN.
static inline __attribute__((always_inline)) T NAME(at_most)(T value, T ceiling) {
#ifdef CK_SCALAR
  return value >= ceiling ? ceiling : value;
#else
  TI above = (TI)(value >= ceiling);
  return (T)(((TI)ceiling & above) | ((TI)value & ~above));
#endif
}

// `value` where `test` > `floor`, and if `capped` < `ceiling`, else 0.
static inline __attribute__((always_inline)) T NAME(where_between)(T test, T floor, T ceiling,
                                                                   T value, const int capped) {
#ifdef CK_SCALAR
  return test > floor && (!capped || test < ceiling) ? value : 0;
#else
  TI inside = (TI)(test > floor);
  if (capped) inside &= (TI)(test < ceiling);
  return (T)((TI)value & inside);
#endif
}

// `kind`, whether there is a ceiling and where memory is narrow are constants wherever this is called.
static inline __attribute__((always_inline)) void NAME(read_as)(
    const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t at, void *to,
    ptrdiff_t to_pitch, const int kind, const int capped, const int x_narrow, const int y_narrow,
    const int to_narrow) {
  T scale = {0}, shift = {0}, floor = {0}, ceiling = {0}, a = {0}, b = {0}, d = {0};
  if (kind != CK_PLAIN) {
    scale = NAME(load)(s->scale + at);
    shift = NAME(load)(s->shift + at);
    floor = NAME(load)(s->floor + at);
    if (capped) ceiling = NAME(load)(s->ceiling + at);
  }
  if (kind == CK_GRADIENT) {
    a = NAME(load)(s->a + at);
    b = NAME(load)(s->b + at);
    d = NAME(load)(s->d + at);
  }
  const void *const x = s->x, *const others = s->y;
  const ptrdiff_t x_pitch = s->x_pitch, y_pitch = s->y_pitch;
  ptrdiff_t from = first * x_pitch + at, other = first * y_pitch + at;
  for (ptrdiff_t p = 0; p < n; p++, from += x_pitch, other += y_pitch) {
    T value = LOAD(x, from, x_narrow);
    if (kind == CK_NORMALIZED) value = NAME(at_least)(value * scale + shift, floor);
    if (kind == CK_NORMALIZED && capped) value = NAME(at_most)(value, ceiling);
    if (kind == CK_GRADIENT) {
      T y = LOAD(others, other, y_narrow);
      value = NAME(where_between)(y * scale + shift, floor, ceiling, value, capped);
      value = a * value + (b * y + d);
    }
    STORE(to, p * to_pitch + at, value, to_narrow);
  }
}

static inline __attribute__((always_inline)) void NAME(read_to)(
    const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t at, void *to,
    ptrdiff_t to_pitch, const int to_narrow) {
#define READ(kind, x_narrow, y_narrow)                                                     \
  do {                                                                                     \
    if (kind != CK_PLAIN && s->ceiling)                                                    \
      NAME(read_as)(s, first, n, at, to, to_pitch, kind, 1, x_narrow, y_narrow, to_narrow); \
    else                                                                                   \
      NAME(read_as)(s, first, n, at, to, to_pitch, kind, 0, x_narrow, y_narrow, to_narrow); \
  } while (0)
  switch (s->kind) {
    case CK_PLAIN:
      if (NARROW(s->x_narrow)) READ(CK_PLAIN, 1, 0);
      else READ(CK_PLAIN, 0, 0);
      break;
    case CK_NORMALIZED:
      if (NARROW(s->x_narrow)) READ(CK_NORMALIZED, 1, 0);
      else READ(CK_NORMALIZED, 0, 0);
      break;
    case CK_GRADIENT:
      if (NARROW(s->x_narrow && s->y_narrow)) READ(CK_GRADIENT, 1, 1);
      else if (NARROW(s->x_narrow)) READ(CK_GRADIENT, 1, 0);
      else if (NARROW(s->y_narrow)) READ(CK_GRADIENT, 0, 1);
      else READ(CK_GRADIENT, 0, 0);
      break;
  }
#undef READ
}

static void NAME(read)(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t at,
                       float *to, ptrdiff_t to_pitch) {
  NAME(read_to)(s, first, n, at, to, to_pitch, 0);
}

#ifdef CK_BFLOAT16
static void NAME(read_rounded)(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n,
                               ptrdiff_t at, uint16_t *to, ptrdiff_t to_pitch) {
  NAME(read_to)(s, first, n, at, to, to_pitch, 1);
}
#endif

static inline __attribute__((always_inline)) void NAME(write_as)(
    const struct ck_sink *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t at, const float *from,
    ptrdiff_t from_pitch, const int accumulate, const int narrow) {
  void *const y = s->y;
  const ptrdiff_t pitch = s->pitch;
  ptrdiff_t to = first * pitch + at;
  for (ptrdiff_t p = 0; p < n; p++, to += pitch) {
    T value = NAME(load)(from + p * from_pitch + at);
    if (accumulate) value = value + LOAD(y, to, narrow);
    STORE(y, to, value, narrow);
  }
}

static void NAME(write)(const struct ck_sink *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t at,
                        const float *from, ptrdiff_t from_pitch) {
#define WRITE(accumulate, narrow) \
  NAME(write_as)(s, first, n, at, from, from_pitch, accumulate, narrow)
  if (NARROW(s->accumulate && s->narrow)) WRITE(1, 1);
  else if (NARROW(s->narrow)) WRITE(0, 1);
  else if (s->accumulate) WRITE(1, 0);
  else WRITE(0, 0);
#undef WRITE
}

static inline __attribute__((always_inline)) void NAME(gradient_sums_as)(
    const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t at, const float *mean,
    double *sum, double *product, const int capped, const int x_narrow, const int y_narrow) {
  T scale = NAME(load)(s->scale + at), shift = NAME(load)(s->shift + at);
  T floor = NAME(load)(s->floor + at), m = NAME(load)(mean + at), ceiling = {0};
  if (capped) ceiling = NAME(load)(s->ceiling + at);
  for (ptrdiff_t begin = 0; begin < n; begin += CK_SPAN) {
    ptrdiff_t end = begin + CK_SPAN < n ? begin + CK_SPAN : n;
    T s0 = {0}, s1 = {0}, q0 = {0}, q1 = {0};
    ptrdiff_t from = (first + begin) * s->x_pitch + at, other = (first + begin) * s->y_pitch + at;
    ptrdiff_t p = begin;
    for (; p + 2 <= end; p += 2, from += 2 * s->x_pitch, other += 2 * s->y_pitch) {
      T y0 = LOAD(s->y, other, y_narrow), y1 = LOAD(s->y, other + s->y_pitch, y_narrow);
      T g0 = LOAD(s->x, from, x_narrow), g1 = LOAD(s->x, from + s->x_pitch, x_narrow);
      g0 = NAME(where_between)(y0 * scale + shift, floor, ceiling, g0, capped);
      g1 = NAME(where_between)(y1 * scale + shift, floor, ceiling, g1, capped);
      s0 = s0 + g0;
      s1 = s1 + g1;
      q0 = q0 + g0 * (y0 - m);
      q1 = q1 + g1 * (y1 - m);
    }
    for (; p < end; p++) {
      T y0 = LOAD(s->y, other, y_narrow), g0 = LOAD(s->x, from, x_narrow);
      g0 = NAME(where_between)(y0 * scale + shift, floor, ceiling, g0, capped);
      s0 = s0 + g0;
      q0 = q0 + g0 * (y0 - m);
    }
    NAME(add_to)(sum + at, s0 + s1);
    NAME(add_to)(product + at, q0 + q1);
  }
}

static void NAME(gradient_sums)(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n,
                                ptrdiff_t at, const float *mean, double *sum, double *product) {
#define SUMS(x_narrow, y_narrow)                                                        \
  do {                                                                                  \
    if (s->ceiling)                                                                     \
      NAME(gradient_sums_as)(s, first, n, at, mean, sum, product, 1, x_narrow, y_narrow); \
    else                                                                                \
      NAME(gradient_sums_as)(s, first, n, at, mean, sum, product, 0, x_narrow, y_narrow); \
  } while (0)
  if (NARROW(s->x_narrow && s->y_narrow)) SUMS(1, 1);
  else if (NARROW(s->x_narrow)) SUMS(1, 0);
  else if (NARROW(s->y_narrow)) SUMS(0, 1);
  else SUMS(0, 0);
#undef SUMS
}

#undef LOAD
#undef STORE
#undef NARROW
