// Dropout, whose randomness is a function of a key and a value's place.

// One round of multiply and xor-shift mixes well enough for masks ("lowbias32", C. Wellons);
// the key enters before and between.
static inline uint32_t mix(uint32_t i, uint32_t k0, uint32_t k1) {
  uint32_t h = i + k0;
  h ^= h >> 16;
  h *= 0x7feb352dU;
  h ^= (h >> 15) ^ k1;
  h *= 0x846ca68bU;
  h ^= h >> 16;
  return h;
}

static void dropout(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, uint64_t key,
                    uint32_t threshold, float scale, int spatial, float *y, ptrdiff_t y_pitch,
                    int accumulate) {
  const uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (ptrdiff_t p = 0; p < n; p++) {
    const float *from = x + p * x_pitch;
    float *to = y + p * y_pitch;
    const uint32_t first = spatial ? 0 : (uint32_t)(p * c);
    for (ptrdiff_t i = 0; i < c; i++) {
      float factor = mix(first + (uint32_t)i, k0, k1) >= threshold ? scale : 0.0f;
      float kept = from[i] * factor;
      to[i] = accumulate ? to[i] + kept : kept;
    }
  }
}
