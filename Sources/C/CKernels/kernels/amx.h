// Convolution of bfloat16 numbers in tiles of 16 x 16 sums, by AMX's product of a tile of 16 x 32 and
// one of 32 x 16 numbers. The including file chooses AMX or its emulation, sets the instruction set
// and names the two functions, CK_CONV and CK_CONV_WEIGHTS.
//
// Sums are kept in tiles 0 to 3, two by two, while tiles 4 and 5 bring rows and 6 and 7 columns. What
// is multiplied in one step, the depth, is 16 words in both directions: along a run of input that
// lies side by side (as under one row of a filter), or along pairs of results. A depth that 16
// doesn't divide ends with a step that goes back into the one before it, with zeros for what was
// counted already; so all steps are of one size, and none reads beyond what is there.

#include "tiles.h"  // tile_sizes, TILE_CONFIGURE, TILE_LOAD, TILE_DOT and the other instructions

#define CK_BFLOAT16
#define CK_LANES 16
#include "vectors.h"  // CK_HALF, vfull, ifull, vhalf, ihalf

#include "blocks.h"  // ck_block, block_kind, block_filters
#include "finish.h"  // load_vector, finish_vector

extern const struct ck_bfloat16 ck_v4_bfloat16;

#define ALWAYS_INLINE static inline __attribute__((always_inline))

static inline ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

/// Sizes for sums of `rows` x 16 in steps of `depth` words.
static void configure(ptrdiff_t rows, ptrdiff_t depth) {
  struct tile_sizes sizes;
  memset(&sizes, 0, sizeof(sizes));
  sizes.palette = 1;
  for (int tile = 0; tile < 8; tile++) {
    sizes.rows[tile] = tile < 6 ? rows : depth;
    sizes.row_bytes[tile] = tile == 4 || tile == 5 ? 4 * depth : 64;
  }
  TILE_CONFIGURE(&sizes);
}

// `m` and `n` are the tiles of sums down and across, 1 or 2, known when this is compiled.

ALWAYS_INLINE void zero_sums(int m, int n) {
  TILE_ZERO(0);
  if (n == 2) TILE_ZERO(1);
  if (m == 2) TILE_ZERO(2);
  if (m == 2 && n == 2) TILE_ZERO(3);
}

/// Rows of a and b are `a_apart` and `b_apart` words apart.
ALWAYS_INLINE void multiply(int m, int n, const float *a0, const float *a1, ptrdiff_t a_apart,
                            const float *b0, const float *b1, ptrdiff_t b_apart) {
  TILE_LOAD(6, b0, 4 * b_apart);
  TILE_LOAD(4, a0, 4 * a_apart);
  TILE_DOT(0, 4, 6);
  if (n == 2) {
    TILE_LOAD(7, b1, 4 * b_apart);
    TILE_DOT(1, 4, 7);
  }
  if (m == 2) {
    TILE_LOAD(5, a1, 4 * a_apart);
    TILE_DOT(2, 5, 6);
  }
  if (m == 2 && n == 2) TILE_DOT(3, 5, 7);
}

/// Rows of sums are `apart` floats apart; the second tile of a row follows 16 floats after the first.
ALWAYS_INLINE void store_sums(int m, int n, float *to0, float *to1, ptrdiff_t apart) {
  TILE_STORE(0, to0, 4 * apart);
  if (n == 2) TILE_STORE(1, to0 + CK_LANES, 4 * apart);
  if (m == 2) TILE_STORE(2, to1, 4 * apart);
  if (m == 2 && n == 2) TILE_STORE(3, to1 + CK_LANES, 4 * apart);
}

// Calls FUNCTION(m, n, ...) with constant m and n.
#define WITH_TILES(FUNCTION, m, n, ...)                 \
  do {                                                  \
    if ((m) == 2 && (n) == 2) FUNCTION(2, 2, __VA_ARGS__); \
    else if ((m) == 2) FUNCTION(2, 1, __VA_ARGS__);     \
    else if ((n) == 2) FUNCTION(1, 2, __VA_ARGS__);     \
    else FUNCTION(1, 1, __VA_ARGS__);                   \
  } while (0)

/// A strip is up to 16 neighbouring results.
struct strip {
  const float *x;
  float *y;
};

/// One block of filters with what its strips have in common.
struct filters {
  const struct ck_conv *g;
  ptrdiff_t run, runs;  // words that lie side by side under a filter row, and how many such runs
  ptrdiff_t depth;
  const float *packed;
  const float *ends;  // the last step's weights of each run, if 16 doesn't divide it
  const float *bias;
  ptrdiff_t used;     // filters
};

/// Runs that may end with a shortened step: their last weights lie on the stack, 2 KiB each.
#define MAX_ENDS 25

ALWAYS_INLINE void convolve_strips(int m, int n, const struct filters *f,
                                   const struct strip *strips, ptrdiff_t results) {
  const struct ck_conv *g = f->g;
  const ptrdiff_t step = f->depth * n * CK_LANES, rest = f->run % f->depth;
  const float *w = f->packed, *end = f->ends;
  zero_sums(m, n);
  for (ptrdiff_t i = 0; i < g->kh; i++) {
    for (ptrdiff_t j = 0; j < f->runs; j++) {
      const ptrdiff_t tap = i * g->tap_row + j * g->tap_col;
      const float *a0 = strips[0].x + tap, *a1 = m == 2 ? strips[1].x + tap : a0;
      ptrdiff_t at = 0;
      for (; at + f->depth <= f->run; at += f->depth) {
        multiply(m, n, a0 + at, a1 + at, g->x_col, w, w + CK_LANES, n * CK_LANES);
        w += step;
      }
      if (rest) {
        at = f->run - f->depth;
        multiply(m, n, a0 + at, a1 + at, g->x_col, end, end + CK_LANES, n * CK_LANES);
        w += rest * n * CK_LANES;
        end += step;
      }
    }
  }
  if (f->used == n * CK_LANES && !f->bias && !g->accumulate && !g->relu) {
    store_sums(m, n, strips[0].y, m == 2 ? strips[1].y : 0, g->y_col);
    return;
  }
  float sums[2][16][2 * CK_LANES] __attribute__((aligned(64)));
  store_sums(m, n, sums[0][0], sums[1][0], 2 * CK_LANES);
  for (int a = 0; a < m; a++)
    for (ptrdiff_t p = 0; p < results; p++)
      for (int b = 0; b < n; b++)
        finish_vector(g, load_vector(sums[a][p] + b * CK_LANES),
                      f->bias ? f->bias + b * CK_LANES : 0,
                      strips[a].y + p * g->y_col + b * CK_LANES,
                      smaller(f->used - b * CK_LANES, CK_LANES));
}

/// Strips of `results` results, `in_row` of them a row from column `first` on, two at a time: the
/// second may lie in the next row.
static void convolve_columns(const struct filters *f, int n, ptrdiff_t first, ptrdiff_t in_row,
                             ptrdiff_t results, const float *x, float *y) {
  const struct ck_conv *g = f->g;
  const ptrdiff_t count = g->rows * in_row;
  configure(results, f->depth);
  for (ptrdiff_t at = 0; at < count; at += 2) {
    const int m = at + 1 < count ? 2 : 1;
    struct strip strips[2];
    for (int a = 0; a < m; a++) {
      const ptrdiff_t row = (at + a) / in_row, col = first + (at + a) % in_row * results;
      strips[a].x = x + row * g->x_row + col * g->x_col;
      strips[a].y = y + row * g->y_row + col * g->y_col;
    }
    WITH_TILES(convolve_strips, m, n, f, strips, results);
  }
}

/// Writes the weights of each run's last step, with zeros for those of the step before.
static void pack_ends(const struct filters *f, ptrdiff_t width, float *ends) {
  const ptrdiff_t rest = f->run % f->depth;
  for (ptrdiff_t run = 0; run < f->g->kh * f->runs; run++) {
    const float *from = f->packed + ((run + 1) * f->run - rest) * width;
    memset(ends, 0, (f->depth - rest) * width * sizeof(float));
    memcpy(ends + (f->depth - rest) * width, from, rest * width * sizeof(float));
    ends += f->depth * width;
  }
}

void CK_CONV(const struct ck_conv *g, const float *x, const float *packed, const float *bias,
             float *y) {
  const int adjacent = g->tap_col == g->cin;
  struct filters f = {.g = g};
  f.run = adjacent ? g->kw * g->cin : g->cin;
  f.runs = adjacent ? 1 : g->kw;
  f.depth = smaller(f.run, CK_LANES);
  const int has_ends = f.run % f.depth != 0;
  // Too little to do for a tile, or for the stack too much.
  if (g->cols < 4 || g->kh * f.run < 4 || (has_ends && g->kh * f.runs > MAX_ENDS)) {
    ck_v4_bfloat16.conv(g, x, packed, bias, y);
    return;
  }
  float ends[MAX_ENDS * CK_LANES * 2 * CK_LANES] __attribute__((aligned(64)));
  f.ends = ends;
  ptrdiff_t at = 0;
  for (; at < g->cout;) {
    const enum ck_block kind = block_kind(g->cin, g->cout - at);
    if (kind == BLOCK_PAIR) break;
    const ptrdiff_t width = block_filters(kind);
    f.packed = packed;
    f.bias = bias ? bias + at : 0;
    f.used = smaller(width, g->cout - at);
    if (has_ends) pack_ends(&f, width, ends);
    const ptrdiff_t whole = g->cols / 16, left = g->cols % 16;
    const int n = kind == BLOCK_TWO ? 2 : 1;
    if (whole) convolve_columns(&f, n, 0, whole, 16, x, y + at);
    if (left) convolve_columns(&f, n, 16 * whole, 1, left, x, y + at);
    packed += g->kh * g->kw * g->cin * width;
    at += width;
  }
  TILE_RELEASE();
  if (at < g->cout) {
    // Half a vector of filters, packed for pairs of words.
    struct ck_conv rest = *g;
    rest.cout = g->cout - at;
    ck_v4_bfloat16.conv(&rest, x, packed, bias ? bias + at : 0, y + at);
  }
}

// Weight gradients. Sums are filters x places in a run of dw, rows are the gradients of a filter at
// 16 pairs of results, columns words of x.

/// Steps whose gradients are turned round at once: 32 KiB on the stack.
#define MAX_STEPS 16

/// The pairs of results as sequences in which neighbours lie evenly in x: the rows, or all rows
/// together with the pairs between them, whose gradients count as zero.
struct sequences {
  ptrdiff_t count, length;
  ptrdiff_t depth, steps;  // pairs a step, and steps a sequence
  ptrdiff_t row;           // pairs from a row to the next within a sequence
};

static inline ptrdiff_t steps_for(ptrdiff_t length) { return (length + 15) / 16; }

static struct sequences sequences_of(const struct ck_conv *g) {
  struct sequences s = {.count = g->rows, .length = g->cols, .row = g->cols};
  const ptrdiff_t row = g->x_row / g->x_col, together = (g->rows - 1) * row + g->cols;
  if (g->x_row % g->x_col == 0 && row >= g->cols &&
      steps_for(together) < g->rows * steps_for(g->cols)) {
    s.count = 1;
    s.length = together;
    s.row = row;
  }
  s.depth = smaller(s.length, 16);
  s.steps = steps_for(s.length);
  return s;
}

/// Turns rows of 16 words into columns.
static inline void transpose(__m512i v[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
  // Word k of lane l of v[4 i + k] is word 4 l + k of rows 4 i to 4 i + 3.
  for (int i = 0; i < 16; i += 4)
    for (int k = 0; k < 2; k++) {
      v[i + 2 * k] = _mm512_unpacklo_epi64(t[i + k], t[i + 2 + k]);
      v[i + 2 * k + 1] = _mm512_unpackhi_epi64(t[i + k], t[i + 2 + k]);
    }
  for (int k = 0; k < 4; k++) {
    const __m512i low = _mm512_shuffle_i32x4(v[k], v[4 + k], 0x88);
    const __m512i high = _mm512_shuffle_i32x4(v[8 + k], v[12 + k], 0x88);
    const __m512i odd_low = _mm512_shuffle_i32x4(v[k], v[4 + k], 0xdd);
    const __m512i odd_high = _mm512_shuffle_i32x4(v[8 + k], v[12 + k], 0xdd);
    t[k] = _mm512_shuffle_i32x4(low, high, 0x88);
    t[4 + k] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
    t[8 + k] = _mm512_shuffle_i32x4(low, high, 0xdd);
    t[12 + k] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd);
  }
  memcpy(v, t, sizeof(t));
}

/// Writes [filter][pair] of one step for up to 16 filters, from where its sequence begins in dy.
static void turn(const struct ck_conv *g, const struct sequences *s, ptrdiff_t start,
                 ptrdiff_t counted, const float *dy, ptrdiff_t filters, float *to) {
  const __mmask16 mask = filters >= 16 ? 0xffff : (1u << filters) - 1;
  __m512i v[16];
  ptrdiff_t col = start % s->row;
  const float *from = dy + start / s->row * g->y_row;
  for (ptrdiff_t k = 0; k < 16; k++) {
    v[k] = k < counted || k >= s->depth || col >= g->cols
               ? _mm512_setzero_si512()
               : _mm512_maskz_loadu_epi32(mask, from + col * g->y_col);
    if (++col == s->row) {
      col = 0;
      from += g->y_row;
    }
  }
  transpose(v);
  memcpy(to, v, sizeof(v));
}

/// The steps at hand: where their words of x begin, and their gradients [step][m][filter][pair].
struct steps {
  ptrdiff_t count;
  ptrdiff_t x[MAX_STEPS];
  float dy[MAX_STEPS * 2 * 16 * 16] __attribute__((aligned(64)));
};

/// Adds the sums for 16 m filters x 16 n places, of which `filters` x `places` are there.
ALWAYS_INLINE void add_gradients(int m, int n, const struct steps *steps, const float *x,
                                 ptrdiff_t x_apart, float *dw, ptrdiff_t pitch,
                                 ptrdiff_t filters, ptrdiff_t places) {
  zero_sums(m, n);
  for (ptrdiff_t i = 0; i < steps->count; i++) {
    const float *a = steps->dy + i * m * 256, *b = x + steps->x[i];
    multiply(m, n, a, a + 256, 16, b, b + CK_LANES, x_apart);
  }
  float sums[32][2 * CK_LANES] __attribute__((aligned(64)));
  store_sums(m, n, sums[0], sums[16], 2 * CK_LANES);
  for (ptrdiff_t f = 0; f < filters; f++) {
    float *to = dw + f * pitch;
    for (int b = 0; b < n; b++, to += CK_LANES) {
      const ptrdiff_t left = places - b * CK_LANES;
      const __mmask16 mask = left >= 16 ? 0xffff : (1u << left) - 1;
      const __m512 sum = _mm512_load_ps(sums[f] + b * CK_LANES);
      _mm512_mask_storeu_ps(to, mask, _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, to)));
    }
  }
}

void CK_CONV_WEIGHTS(const struct ck_conv *g, const float *x, const float *dy, float *dw) {
  // Too little to do for a tile.
  if (g->cout < 4 || g->rows * g->cols < 4) {
    ck_v4_bfloat16.conv_weights(g, x, dy, dw);
    return;
  }
  const int adjacent = g->tap_col == g->cin;
  const ptrdiff_t length = adjacent ? g->kw * g->cin : g->cin;
  const ptrdiff_t runs = adjacent ? 1 : g->kw;
  const ptrdiff_t pitch = g->kw * g->cin;
  const struct sequences s = sequences_of(g);
  struct steps steps;
  configure(16, s.depth);
  for (ptrdiff_t f = 0; f < g->cout; f += 32) {
    const ptrdiff_t filters = smaller(32, g->cout - f);
    const int m = filters > 16 ? 2 : 1;
    for (ptrdiff_t first = 0; first < s.count * s.steps; first += MAX_STEPS) {
      steps.count = smaller(MAX_STEPS, s.count * s.steps - first);
      for (ptrdiff_t i = 0; i < steps.count; i++) {
        const ptrdiff_t sequence = (first + i) / s.steps, begin = (first + i) % s.steps * 16;
        const ptrdiff_t start = smaller(begin, s.length - s.depth);
        steps.x[i] = sequence * g->x_row + start * g->x_col;
        for (int a = 0; a < m; a++)
          turn(g, &s, start, begin - start, dy + sequence * g->y_row + f + 16 * a,
               filters - 16 * a, steps.dy + (i * m + a) * 256);
      }
      for (ptrdiff_t i = 0; i < g->kh; i++)
        for (ptrdiff_t j = 0; j < runs; j++) {
          const float *from = x + i * g->tap_row + j * g->tap_col;
          float *to = dw + (i * g->cout + f) * pitch + j * g->cin;
          for (ptrdiff_t at = 0; at < length; at += 2 * CK_LANES) {
            const int n = length - at > CK_LANES ? 2 : 1;
            WITH_TILES(add_gradients, m, n, &steps, from + at, g->x_col, to + at, pitch, filters,
                       length - at);
          }
        }
    }
  }
  TILE_RELEASE();
}
