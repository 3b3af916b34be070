// Powers, logarithms and the sigmoid function of single floats, written so that loops over them become
// vectors.

// exp by range reduction and a polynomial of degree 6; relative error below 2e-7.
static inline float exp_fast(float x) {
  x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
  float k = __builtin_rintf(x * 1.44269504f);
  float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.38888889e-3f;
  p = p * r + 8.33333333e-3f;
  p = p * r + 4.16666667e-2f;
  p = p * r + 1.66666667e-1f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t bits = ((int32_t)k + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof(power));
  return p * power;
}

// log(1 + u) for u in 0...1, by the series of artanh: log(1 + u) = 2 artanh(u / (2 + u)).
static inline float log1p_fast(float u) {
  float s = u / (2.0f + u), t = s * s;
  float p = 0.0769230769f;
  p = p * t + 0.0909090909f;
  p = p * t + 0.111111111f;
  p = p * t + 0.142857143f;
  p = p * t + 0.2f;
  p = p * t + 0.333333333f;
  p = p * t + 1.0f;
  return 2.0f * s * p;
}

// exp(x) - 1 for x <= 0 without loss of digits near 0: with x = k log 2 + r and s = 2^k it is
// s (exp(r) - 1) + (s - 1). The polynomial is that of exp_fast.
static inline float expm1_fast(float x) {
  x = x < -87.0f ? -87.0f : x;
  float k = __builtin_rintf(x * 1.44269504f);
  float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.38888889e-3f;
  p = p * r + 8.33333333e-3f;
  p = p * r + 4.16666667e-2f;
  p = p * r + 1.66666667e-1f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  int32_t bits = ((int32_t)k + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof(power));
  return power * (p * r) + (power - 1.0f);
}

// 1 / (1 + exp(-x)) to full relative precision on both sides of 0.
static inline float sigmoid_of(float x) {
  float u = exp_fast(-__builtin_fabsf(x));
  float q = 1.0f / (1.0f + u);
  return x >= 0 ? q : u * q;
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
