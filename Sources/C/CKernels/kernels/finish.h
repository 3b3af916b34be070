// How sums of products become results: with bias, earlier values and clamp as asked. The including
// file has the vector types.

static inline vfull load_vector(const float *p) {
  vfull value;
  memcpy(&value, p, sizeof(value));
  return value;
}

// Writes `used` results, less than a vector.
static __attribute__((noinline)) void finish_some(const struct ck_conv *g, const float *values,
                                                  const float *bias, float *y, ptrdiff_t used) {
  for (ptrdiff_t i = 0; i < used; i++) {
    float value = values[i];
    if (bias) value += bias[i];
    if (g->accumulate) value += y[i];
    y[i] = g->relu && value <= 0 ? 0 : value;
  }
}

static inline __attribute__((always_inline)) void finish_half(const struct ck_conv *g, vhalf sum,
                                                              const float *bias, float *y,
                                                              ptrdiff_t used) {
  vhalf value;
  if (used < CK_HALF) {
    float values[CK_HALF];
    memcpy(values, &sum, sizeof(sum));
    finish_some(g, values, bias, y, used);
    return;
  }
  if (bias) {
    memcpy(&value, bias, sizeof(value));
    sum = sum + value;
  }
  if (g->accumulate) {
    memcpy(&value, y, sizeof(value));
    sum = sum + value;
  }
  if (g->relu) sum = (vhalf)((ihalf)sum & ~(ihalf)(sum <= (vhalf){0}));
  memcpy(y, &sum, sizeof(sum));
}

// Writes the first `used` results of a vector, with bias, earlier values and clamp as asked.
static inline __attribute__((always_inline)) void finish_vector(const struct ck_conv *g, vfull sum,
                                                                const float *bias, float *y,
                                                                ptrdiff_t used) {
  if (used == CK_LANES) {
    if (bias) sum = sum + load_vector(bias);
    if (g->accumulate) sum = sum + load_vector(y);
    if (g->relu) sum = (vfull)((ifull)sum & ~(ifull)(sum <= (vfull){0}));
    memcpy(y, &sum, sizeof(sum));
    return;
  }
  float values[CK_LANES];
  memcpy(values, &sum, sizeof(sum));
  if (used == CK_HALF) {
    vhalf half;
    memcpy(&half, values, sizeof(half));
    finish_half(g, half, bias, y, used);
    return;
  }
  finish_some(g, values, bias, y, used);
}
