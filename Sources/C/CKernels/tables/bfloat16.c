// Convolution of bfloat16 numbers with AVX512_BF16's dot product of pairs, by the same tiles as in
// float32. The instruction takes subnormal numbers for zero and rounds to the nearest. Where there is
// AMX (amx.c), it replaces the convolutions and leaves the rest.

#if defined(__x86_64__)

#include "CKernels.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,bmi,bmi2,avx512f,avx512vl,avx512bw,avx512dq,avx512cd," \
                          "avx512bf16"))), \
    apply_to = function)

#define CK_BFLOAT16
#define CK_LANES 16
#define CK_TILE_ONE 16
#define CK_TILE_TWO 8

#include "../kernels/vectors.h"  // CK_HALF, vfull, ifull, vhalf, ihalf

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

// The words of a vector of numbers each.
static inline __m512i words_of_vectors(__m512 lower, __m512 upper) {
  const __m512i order = _mm512_set_epi16(
      31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19,
      3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(upper, lower));
}

// The words of n numbers each; zeros in the upper halves where `upper` is null.
static inline void words_of(ptrdiff_t n, const float *lower, const float *upper, float *words) {
  ptrdiff_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const __m512 high = upper ? _mm512_loadu_ps(upper + i) : _mm512_setzero_ps();
    _mm512_storeu_si512(words + i, words_of_vectors(_mm512_loadu_ps(lower + i), high));
  }
  for (; i < n; i++) {
    const uint32_t bits = rounded(lower[i]) | (upper ? rounded(upper[i]) << 16 : 0);
    memcpy(words + i, &bits, sizeof(bits));
  }
}

static inline __attribute__((always_inline)) vfull dot(vfull sum, vfull f, __m512 value) {
  return (vfull)_mm512_dpbf16_ps((__m512)sum, (__m512bh)f, (__m512bh)value);
}

// An input is a word of two numbers.
#define WORDS(channels) (((channels) + 1) / 2)
#define WEIGHT(from, word) weight_word(from, word, cin, in_stride)
#define MULTIPLY_ADD(sum, f, value) dot(sum, f, _mm512_set1_ps(value))
#define MULTIPLY_ADD_VECTOR(sum, f, value) dot(sum, f, (__m512)(value))
#define MULTIPLY_ADD_vfull MULTIPLY_ADD
#define MULTIPLY_ADD_vhalf(sum, f, value) \
  (vhalf) _mm256_dpbf16_ps((__m256)(sum), (__m256bh)(f), (__m256bh)_mm256_set1_ps(value))
#include "../kernels/conv.h"  // packed_count, pack, transpose, conv, conv_weights; UNROLL

static inline vfull widen_full(const uint16_t *p) {
  __m256i bits = _mm256_loadu_si256((const __m256i *)p);
  return (vfull)_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16);
}

static inline vhalf widen_half(const uint16_t *p) {
  __m128i bits = _mm_loadu_si128((const __m128i *)p);
  return (vhalf)_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16);
}

static inline float widen_one(const uint16_t *p) {
  uint32_t bits = (uint32_t)*p << 16;
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static inline void round_to_full(uint16_t *p, vfull value) {
  _mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh((__m512)value));
}

static inline void round_to_half(uint16_t *p, vhalf value) {
  _mm_storeu_si128((__m128i *)p, (__m128i)_mm256_cvtneps_pbh((__m256)value));
}

static inline void round_to_one(uint16_t *p, float value) { *p = (uint16_t)rounded(value); }

// The lower and the upper halves of words; the lower ones come first and clear the upper.
static inline void put_lower_full(uint32_t *p, vfull value) {
  _mm512_storeu_si512(p, _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)value)));
}

static inline void put_upper_full(uint32_t *p, vfull value) {
  __m512i bits = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)value));
  _mm512_storeu_si512(p, _mm512_or_si512(_mm512_loadu_si512(p), _mm512_slli_epi32(bits, 16)));
}

static inline void put_lower_half(uint32_t *p, vhalf value) {
  __m256i bits = _mm256_cvtepu16_epi32((__m128i)_mm256_cvtneps_pbh((__m256)value));
  _mm256_storeu_si256((__m256i *)p, bits);
}

static inline void put_upper_half(uint32_t *p, vhalf value) {
  __m256i bits = _mm256_cvtepu16_epi32((__m128i)_mm256_cvtneps_pbh((__m256)value));
  __m256i lower = _mm256_loadu_si256((const __m256i *)p);
  _mm256_storeu_si256((__m256i *)p, _mm256_or_si256(lower, _mm256_slli_epi32(bits, 16)));
}

// Both halves of words, from eight numbers each.
static inline void put_both(uint32_t *p, vfull value) {
  const __m256i order = _mm256_setr_epi16(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  __m256i numbers = (__m256i)_mm512_cvtneps_pbh((__m512)value);
  _mm256_storeu_si256((__m256i *)p, _mm256_permutexvar_epi16(order, numbers));
}

static inline void put_lower_one(uint32_t *p, float value) { *p = rounded(value); }

static inline void put_upper_one(uint32_t *p, float value) { *p |= rounded(value) << 16; }

#define T vfull
#define TI ifull
#define W CK_LANES
#define NAME(f) f##_full
#include "../widths/all.h"  // read_full, read_rounded_full, write_full, gradient_sums_full

#define T vhalf
#define TI ihalf
#define W CK_HALF
#define NAME(f) f##_half
#include "../widths/all.h"  // read_half, ...

#define CK_SCALAR
#define T float
#define TI int32_t
#define W 1
#define NAME(f) f##_one
#include "../widths/all.h"  // read_one, ...
#undef CK_SCALAR

#include "../kernels/each_channel.h"  // EACH_CHANNEL
#include "../kernels/sources.h"       // read, write, gradient_sums; READ_DENSE, READ_PAIRS
#include "../kernels/winograd.h"      // winograd_filters, ..., winograd_pack; SLOTS

static void read_rounded(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c,
                         uint16_t *to, ptrdiff_t to_pitch) {
  if (s->kind == CK_PLAIN && s->x_pitch == c && to_pitch == c) READ_DENSE(read_rounded, to);
  READ_PAIRS(read_rounded, to)
  EACH_CHANNEL(read_rounded, s, first, n, at, to, to_pitch);
  if (c % 2)
    for (ptrdiff_t p = 0; p < n; p++) to[p * to_pitch + c] = 0;
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

static void pair_pixels(ptrdiff_t n, ptrdiff_t c, const uint16_t *x, ptrdiff_t x_pitch,
                        uint32_t *y) {
  ptrdiff_t p = 0;
  for (; p + 1 < n; p += 2) pair(c, x + p * x_pitch, x_pitch, y + p / 2 * c);
  if (p < n)
    for (ptrdiff_t i = 0; i < c; i++) y[p / 2 * c + i] = x[p * x_pitch + i];
}

// Vectors read what they multiply from an L1 cache; tiles want many pairs of results, as many as there
// are in a band. Hence the bands of gradients.
const struct ck_bfloat16 ck_v4_bfloat16 = {
    .name = "x86-64-v4 avx512-bf16",
    .gradient_band = 10240,
    .winograd_sum_tiles = SLOTS * WINOGRAD_TILES,
#define CK_ENTRY(result, name, parameters) .name = name,
#define CK_BFLOAT16_ENTRY CK_ENTRY
#include "ck_entries.h"
};

// Of amx.c and amx_emulated.c.
#define CK_CONV_ENTRY(result, name, parameters) \
  result ck_amx_##name parameters;              \
  result ck_emulated_##name parameters;
#include "ck_entries.h"

const struct ck_bfloat16 ck_amx_bfloat16 = {
    .name = "x86-64-v4 amx-bf16",
    .gradient_band = 32768,
    .winograd_sum_tiles = SLOTS * WINOGRAD_TILES,
#define CK_ENTRY(result, name, parameters) .name = name,
#define CK_BFLOAT16_ENTRY CK_ENTRY
#define CK_CONV_ENTRY(result, name, parameters) .name = ck_amx_##name,
#include "ck_entries.h"
};

const struct ck_bfloat16 ck_emulated_bfloat16 = {
    .name = "x86-64-v4 amx-bf16 emulated",
    .gradient_band = 32768,
    .winograd_sum_tiles = SLOTS * WINOGRAD_TILES,
#define CK_ENTRY(result, name, parameters) .name = name,
#define CK_BFLOAT16_ENTRY CK_ENTRY
#define CK_CONV_ENTRY(result, name, parameters) .name = ck_emulated_##name,
#include "ck_entries.h"
};

#pragma clang attribute pop
#endif
