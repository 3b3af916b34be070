// Convolution of bfloat16 numbers with AVX512_BF16's dot product of pairs, by the same tiles as in
// float32. The instruction takes subnormal numbers for zero and rounds to the nearest.

#if defined(__x86_64__)

#include "CKernels.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,bmi,bmi2,avx512f,avx512vl,avx512bw,avx512dq,avx512cd," \
                          "avx512bf16"))), \
    apply_to = function)

#define CK_LANES 16
#define CK_HALF 8
#define CK_TILE_ONE 16
#define CK_TILE_TWO 8

typedef float vfull __attribute__((vector_size(64), aligned(4)));
typedef int32_t ifull __attribute__((vector_size(64), aligned(4)));
typedef float vhalf __attribute__((vector_size(32), aligned(4)));
typedef int32_t ihalf __attribute__((vector_size(32), aligned(4)));

// To the nearest, ties to even; NaN stays NaN.
static inline uint32_t rounded(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  if (value != value) return bits >> 16 | 0x40;
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

// The word of inputs 2 word and 2 word + 1 of `cin`.
static inline float weight_word(const float *from, ptrdiff_t word, ptrdiff_t cin,
                                ptrdiff_t stride) {
  uint32_t bits = rounded(from[2 * word * stride]);
  if (2 * word + 1 < cin) bits |= rounded(from[(2 * word + 1) * stride]) << 16;
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static inline __attribute__((always_inline)) vfull dot(vfull sum, vfull f, __m512 value) {
  return (vfull)_mm512_dpbf16_ps((__m512)sum, (__m512bh)f, (__m512bh)value);
}

#define WORDS(channels) (((channels) + 1) / 2)
#define WEIGHT(from, word) weight_word(from, word, cin, in_stride)
#define MULTIPLY_ADD(sum, f, value) dot(sum, f, _mm512_set1_ps(value))
#define MULTIPLY_ADD_VECTOR(sum, f, value) dot(sum, f, (__m512)(value))
#include "conv.inc"

// Masked stores are slow on some processors, so whole vectors go without.
static inline __mmask16 first(ptrdiff_t count) { return (__mmask16)((1u << count) - 1); }

static inline void round_row(ptrdiff_t c, const float *x, uint16_t *y) {
  ptrdiff_t i = 0;
  for (; i + 16 <= c; i += 16) {
    __m256i rounded = (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(x + i));
    _mm256_storeu_si256((__m256i *)(y + i), rounded);
  }
  if (i == c) return;
  __m512 value = _mm512_maskz_loadu_ps(first(c - i), x + i);
  _mm256_mask_storeu_epi16(y + i, first(c + (c & 1) - i), (__m256i)_mm512_cvtneps_pbh(value));
}

static void round_pixels(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, uint16_t *y,
                         ptrdiff_t y_pitch) {
  if (c == x_pitch && c == y_pitch) {
    round_row(n * c, x, y);
  } else {
    for (ptrdiff_t p = 0; p < n; p++) round_row(c, x + p * x_pitch, y + p * y_pitch);
  }
}

static inline __m512i word(__m256i low, __m256i high) {
  return _mm512_or_si512(_mm512_cvtepu16_epi32(low),
                         _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16));
}

static void pair(ptrdiff_t n, const uint16_t *x, ptrdiff_t apart, uint32_t *y) {
  ptrdiff_t i = 0;
  for (; i + 16 <= n; i += 16) {
    __m256i low = _mm256_loadu_si256((const __m256i *)(x + i));
    __m256i high = _mm256_loadu_si256((const __m256i *)(x + i + apart));
    _mm512_storeu_si512(y + i, word(low, high));
  }
  for (; i < n; i++) y[i] = x[i] | (uint32_t)x[i + apart] << 16;
}

static inline __m512i word_of_floats(__m512 low, __m512 high) {
  return word((__m256i)_mm512_cvtneps_pbh(low), (__m256i)_mm512_cvtneps_pbh(high));
}

static void round_pairs(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, uint32_t *y) {
  for (ptrdiff_t p = 0; p < n; p += 2) {
    const float *from = x + p * x_pitch;
    uint32_t *to = y + p / 2 * c;
    const int both = p + 1 < n;
    ptrdiff_t i = 0;
    for (; both && i + 16 <= c; i += 16) {
      __m512 low = _mm512_loadu_ps(from + i), high = _mm512_loadu_ps(from + x_pitch + i);
      _mm512_storeu_si512(to + i, word_of_floats(low, high));
    }
    for (; i < c; i += 16) {
      __mmask16 mask = c - i < 16 ? first(c - i) : 0xffff;
      __m512 low = _mm512_maskz_loadu_ps(mask, from + i);
      __m512 high = _mm512_maskz_loadu_ps(both ? mask : 0, from + x_pitch + i);
      _mm512_mask_storeu_epi32(to + i, mask, word_of_floats(low, high));
    }
  }
}

const struct ck_bfloat16 ck_v4_bfloat16 = {
    .name = "x86-64-v4 avx512-bf16",
    .packed_count = packed_count,
    .pack = pack,
    .conv = conv,
    .conv_weights = conv_weights,
    .round = round_pixels,
    .pair = pair,
    .round_pairs = round_pairs,
};

#pragma clang attribute pop
#endif
