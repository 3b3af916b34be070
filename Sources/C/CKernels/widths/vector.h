// What the kernels of a width have in common: how W channels are loaded, stored, compared and added up.

static inline T NAME(load)(const float *p) {
  T value;
  memcpy(&value, p, sizeof(T));
  return value;
}

static inline void NAME(store)(float *p, T value) { memcpy(p, &value, sizeof(T)); }

// `value` where `test` > 0, else 0.
static inline T NAME(where_positive)(T test, T value) {
#ifdef CK_SCALAR
  return test > 0 ? value : 0;
#else
  return (T)((TI)value & (TI)(test > (T){0}));
#endif
}

// max(value, 0); NaN stays NaN, since a loss that looks healthy must not hide it.
static inline T NAME(clamp)(T value) {
#ifdef CK_SCALAR
  return value <= 0 ? 0 : value;
#else
  return (T)((TI)value & ~(TI)(value <= (T){0}));
#endif
}

// The larger of two; NaN if either is.
static inline T NAME(largest)(T a, T b) {
#ifdef CK_SCALAR
  return b > a || b != b ? b : a;
#else
  TI second = (TI)(b > a) | (TI)(b != b);
  return (T)(((TI)b & second) | ((TI)a & ~second));
#endif
}

static inline void NAME(add_to)(double *sum, T value) {
#ifdef CK_SCALAR
  *sum += value;
#else
  for (int i = 0; i < W; i++) sum[i] += value[i];
#endif
}

// Sums in float over this many pixels before they are added in double.
#ifndef CK_SPAN
#define CK_SPAN 256
#endif
