// Winograd transforms of tiles for W channels at once, held in a T (a vector, or a float). Included by
// kernels/winograd.h, which explains matrices and layout, once for each width; undefines T, TI, W, NAME
// and AT_ONCE at the end. AT_ONCE is how many tiles a T holds: two with CK_TILE_PAIR, eight channels of
// each side by side, else one. `parts` says which rows of frequencies are wanted, `width` how far apart
// tiles are in a block.

// The channels of a pixel, of which the next tile's lies four pixels on.
static inline __attribute__((always_inline)) T NAME(pixel)(const float *p, ptrdiff_t pitch) {
#ifdef CK_TILE_PAIR
  return both_halves(load_half(p), load_half(p + 4 * pitch));
#else
  (void)pitch;
  return NAME(load)(p);
#endif
}

static inline __attribute__((always_inline)) void NAME(set_pixel)(float *p, ptrdiff_t pitch, T value) {
#ifdef CK_TILE_PAIR
  store_half(p, lower_half(value));
  store_half(p + 4 * pitch, upper_half(value));
#else
  (void)pitch;
  NAME(store)(p, value);
#endif
}

// How a frequency is put at its place: as a float, or with CK_BFLOAT16 rounded to bfloat16, either beside
// its neighbouring channels or into the lower or upper half, or both, of the words of two neighbouring
// tiles.
static inline __attribute__((always_inline)) void NAME(put)(const int how, float *to, T value) {
#ifdef CK_BFLOAT16
  if (how == PUT_NUMBERS) NAME(round_to)((uint16_t *)to, value);
#ifdef CK_TILE_PAIR
  else put_both((uint32_t *)to, value);
#else
  else if (how == PUT_LOWER) NAME(put_lower)((uint32_t *)to, value);
  else NAME(put_upper)((uint32_t *)to, value);
#endif
#else
  (void)how;
  NAME(store)(to, value);
#endif
}

// B^T d of six values in a line.
static inline __attribute__((always_inline)) void NAME(input_line)(const int put,
                                                                   const ptrdiff_t width,
                                                                   const T d[6], float *v) {
  T even = d[4] - POINT_BB * d[2], odd = POINT_A * d[3] - (POINT_A * POINT_BB) * d[1];
  NAME(put)(put, v + STEP(width), even + odd);
  NAME(put)(put, v + 2 * STEP(width), even - odd);
  even = d[4] - POINT_AA * d[2];
  odd = POINT_B * d[3] - (POINT_B * POINT_AA) * d[1];
  NAME(put)(put, v + 3 * STEP(width), even + odd);
  NAME(put)(put, v + 4 * STEP(width), even - odd);
  NAME(put)(put, v, (d[4] - (POINT_AA + POINT_BB) * d[2]) + (POINT_AA * POINT_BB) * d[0]);
  NAME(put)(put, v + 5 * STEP(width), (d[5] - (POINT_AA + POINT_BB) * d[3]) + (POINT_AA * POINT_BB) * d[1]);
}

// V = B^T d B of the 6 x 6 values that begin at `at` in these rows.
static inline __attribute__((always_inline)) void NAME(input_tile)(const int put,
                                                                   const ptrdiff_t width, int parts,
                                                                   const float *const rows[6],
                                                                   ptrdiff_t at, ptrdiff_t pitch,
                                                                   float *v) {
#define AT(i, j) NAME(pixel)(rows[i] + at + (j) * pitch, pitch)
  T p[6], q[6];
  if (parts & 1) {
    UNROLL for (int j = 0; j < 6; j++)
      p[j] = (AT(4, j) - (POINT_AA + POINT_BB) * AT(2, j)) + (POINT_AA * POINT_BB) * AT(0, j);
    NAME(input_line)(put, width, p, v);
    v += 6 * STEP(width);
  }
  if (parts & 2) {
    UNROLL for (int j = 0; j < 6; j++) {
      T even = AT(4, j) - POINT_BB * AT(2, j);
      T odd = POINT_A * AT(3, j) - (POINT_A * POINT_BB) * AT(1, j);
      p[j] = even + odd;
      q[j] = even - odd;
    }
    NAME(input_line)(put, width, p, v);
    NAME(input_line)(put, width, q, v + 6 * STEP(width));
    v += 12 * STEP(width);
  }
  if (parts & 4) {
    UNROLL for (int j = 0; j < 6; j++) {
      T even = AT(4, j) - POINT_AA * AT(2, j);
      T odd = POINT_B * AT(3, j) - (POINT_B * POINT_AA) * AT(1, j);
      p[j] = even + odd;
      q[j] = even - odd;
    }
    NAME(input_line)(put, width, p, v);
    NAME(input_line)(put, width, q, v + 6 * STEP(width));
    v += 12 * STEP(width);
  }
  if (parts & 8) {
    UNROLL for (int j = 0; j < 6; j++)
      p[j] = (AT(5, j) - (POINT_AA + POINT_BB) * AT(3, j)) + (POINT_AA * POINT_BB) * AT(1, j);
    NAME(input_line)(put, width, p, v);
  }
#undef AT
}

// Tiles from number `slot` of a block on, whose place is `v`.
static inline __attribute__((always_inline)) void NAME(input_tiles)(
    const int put, const ptrdiff_t width, int parts, ptrdiff_t slot, ptrdiff_t tiles,
    const float *const rows[6], ptrdiff_t at, ptrdiff_t pitch, float *v) {
  for (ptrdiff_t end = slot + tiles; slot < end; slot += AT_ONCE, at += 4 * AT_ONCE * pitch) {
#define TILE(how, parts, place) \
  NAME(input_tile)(how, width, parts, rows, at, pitch, v + (place) * width)
    EACH_PUT(put, parts, slot)
#undef TILE
  }
}

// A y of four values in a line: the adjoint of `result_line`.
static inline __attribute__((always_inline)) void NAME(gradient_line)(const int put,
                                                                      const ptrdiff_t width,
                                                                      const T y[4], float *w) {
  T even = y[0] + POINT_AA * y[2], odd = POINT_A * y[1] + (POINT_A * POINT_AA) * y[3];
  NAME(put)(put, w, y[0]);
  NAME(put)(put, w + STEP(width), even + odd);
  NAME(put)(put, w + 2 * STEP(width), even - odd);
  even = y[0] + POINT_BB * y[2];
  odd = POINT_B * y[1] + (POINT_B * POINT_BB) * y[3];
  NAME(put)(put, w + 3 * STEP(width), even + odd);
  NAME(put)(put, w + 4 * STEP(width), even - odd);
  NAME(put)(put, w + 5 * STEP(width), y[3]);
}

// W = A y A^T of the 4 x 4 values at `y`, rows `line` apart.
static inline __attribute__((always_inline)) void NAME(gradient_tile)(const int put,
                                                                      const ptrdiff_t width,
                                                                      int parts, const float *y,
                                                                      ptrdiff_t line,
                                                                      ptrdiff_t pitch, float *w) {
#define AT(i, j) NAME(pixel)(y + (i) * line + (j) * pitch, pitch)
  T p[4], q[4];
  if (parts & 1) {
    UNROLL for (int j = 0; j < 4; j++) p[j] = AT(0, j);
    NAME(gradient_line)(put, width, p, w);
    w += 6 * STEP(width);
  }
  if (parts & 2) {
    UNROLL for (int j = 0; j < 4; j++) {
      T even = AT(0, j) + POINT_AA * AT(2, j);
      T odd = POINT_A * AT(1, j) + (POINT_A * POINT_AA) * AT(3, j);
      p[j] = even + odd;
      q[j] = even - odd;
    }
    NAME(gradient_line)(put, width, p, w);
    NAME(gradient_line)(put, width, q, w + 6 * STEP(width));
    w += 12 * STEP(width);
  }
  if (parts & 4) {
    UNROLL for (int j = 0; j < 4; j++) {
      T even = AT(0, j) + POINT_BB * AT(2, j);
      T odd = POINT_B * AT(1, j) + (POINT_B * POINT_BB) * AT(3, j);
      p[j] = even + odd;
      q[j] = even - odd;
    }
    NAME(gradient_line)(put, width, p, w);
    NAME(gradient_line)(put, width, q, w + 6 * STEP(width));
    w += 12 * STEP(width);
  }
  if (parts & 8) {
    UNROLL for (int j = 0; j < 4; j++) p[j] = AT(3, j);
    NAME(gradient_line)(put, width, p, w);
  }
#undef AT
}

static inline __attribute__((always_inline)) void NAME(gradient_tiles)(
    const ptrdiff_t width, int parts, ptrdiff_t slot, ptrdiff_t tiles, const float *y,
    ptrdiff_t line, ptrdiff_t pitch, float *w) {
  for (ptrdiff_t end = slot + tiles; slot < end; slot += AT_ONCE, y += 4 * AT_ONCE * pitch) {
#define TILE(how, parts, place) \
  NAME(gradient_tile)(how, width, parts, y, line, pitch, w + (place) * width)
    EACH_PUT(PUT_WORDS, parts, slot)
#undef TILE
  }
}

#ifndef CK_BFLOAT16
static inline __attribute__((always_inline)) void NAME(result_value)(float *y, ptrdiff_t pitch,
                                                                     T value, T bias, int relu,
                                                                     int accumulate) {
  value = value + bias;
  if (accumulate) value = value + NAME(pixel)(y, pitch);
  if (relu) value = NAME(clamp)(value);
  NAME(set_pixel)(y, pitch, value);
}

// A^T m of six values in a line: its first `cols` results.
static inline __attribute__((always_inline)) void NAME(result_line)(const T m[6], T bias, float *y,
                                                                    ptrdiff_t pitch,
                                                                    ptrdiff_t cols, int relu,
                                                                    int accumulate) {
  T s = m[1] + m[2], d = m[1] - m[2], t = m[3] + m[4], e = m[3] - m[4];
  NAME(result_value)(y, pitch, (m[0] + s) + t, bias, relu, accumulate);
  if (cols > 1)
    NAME(result_value)(y + pitch, pitch, POINT_A * d + POINT_B * e, bias, relu, accumulate);
  if (cols > 2)
    NAME(result_value)(y + 2 * pitch, pitch, POINT_AA * s + POINT_BB * t, bias, relu, accumulate);
  if (cols > 3)
    NAME(result_value)(y + 3 * pitch, pitch,
                       (m[5] + (POINT_A * POINT_AA) * d) + (POINT_B * POINT_BB) * e, bias, relu,
                       accumulate);
}

// Y = A^T m A: its first `rows` x `cols` results go to `y`, rows `line` apart.
static inline __attribute__((always_inline)) void NAME(result_tile)(const ptrdiff_t width,
                                                                    const float *m, T bias,
                                                                    float *y, ptrdiff_t line,
                                                                    ptrdiff_t pitch,
                                                                    ptrdiff_t rows,
                                                                    ptrdiff_t cols, int relu,
                                                                    int accumulate) {
#define AT(i, j) NAME(load)(m + (6 * (i) + (j)) * STEP(width))
  T p[6], q[6];
  UNROLL for (int j = 0; j < 6; j++) {
    T s = AT(1, j) + AT(2, j), t = AT(3, j) + AT(4, j);
    p[j] = (AT(0, j) + s) + t;
    q[j] = POINT_AA * s + POINT_BB * t;
  }
  NAME(result_line)(p, bias, y, pitch, cols, relu, accumulate);
  if (rows > 2) NAME(result_line)(q, bias, y + 2 * line, pitch, cols, relu, accumulate);
  if (rows == 1) return;
  UNROLL for (int j = 0; j < 6; j++) {
    T d = AT(1, j) - AT(2, j), e = AT(3, j) - AT(4, j);
    p[j] = POINT_A * d + POINT_B * e;
    q[j] = (AT(5, j) + (POINT_A * POINT_AA) * d) + (POINT_B * POINT_BB) * e;
  }
  NAME(result_line)(p, bias, y + line, pitch, cols, relu, accumulate);
  if (rows > 3) NAME(result_line)(q, bias, y + 3 * line, pitch, cols, relu, accumulate);
#undef AT
}

// Tiles that have all their results.
static inline __attribute__((always_inline)) void NAME(whole_tiles)(
    const ptrdiff_t width, ptrdiff_t tiles, const float *m, T bias, float *y, ptrdiff_t line,
    ptrdiff_t pitch, int relu, int accumulate) {
#define TILES(RELU, ACCUMULATE)                                                                 \
  for (ptrdiff_t t = 0; t < tiles; t += AT_ONCE)                                                \
    NAME(result_tile)(width, m + t * width, bias, y + 4 * t * pitch, line, pitch, 4, 4, RELU, \
                      ACCUMULATE);
  if (relu && accumulate) {
    TILES(1, 1)
  } else if (relu) {
    TILES(1, 0)
  } else if (accumulate) {
    TILES(0, 1)
  } else {
    TILES(0, 0)
  }
#undef TILES
}

#ifndef CK_TILE_PAIR
static inline __attribute__((always_inline)) void NAME(result_tiles)(
    const ptrdiff_t width, ptrdiff_t tiles, const float *m, const float *bias, float *y,
    ptrdiff_t line, ptrdiff_t pitch, ptrdiff_t rows, ptrdiff_t cols, int relu, int accumulate) {
  T b = {0};
  if (bias) b = NAME(load)(bias);
  const ptrdiff_t whole = rows < 4 ? 0 : cols / 4 < tiles ? cols / 4 : tiles;
  NAME(whole_tiles)(width, whole, m, b, y, line, pitch, relu, accumulate);
  for (ptrdiff_t t = whole; t < tiles; t++)
    NAME(result_tile)(width, m + t * width, b, y + 4 * t * pitch, line, pitch, rows, cols - 4 * t,
                      relu, accumulate);
}
#endif
#endif

#ifndef CK_TILE_PAIR
// G w of three values in a line.
static inline __attribute__((always_inline)) void NAME(weights_line)(const T w[3], T u[6]) {
  T even = w[0] + POINT_AA * w[2], odd = POINT_A * w[1];
  u[0] = FACTOR_0 * w[0];
  u[1] = FACTOR_A * (even + odd);
  u[2] = FACTOR_A * (even - odd);
  even = w[0] + POINT_BB * w[2];
  odd = POINT_B * w[1];
  u[3] = FACTOR_B * (even + odd);
  u[4] = FACTOR_B * (even - odd);
  u[5] = w[2];
}

// G w of 3 x 3 taps `tap_stride` apart (a negative one reverses them), by columns.
static inline __attribute__((always_inline)) void NAME(weights_columns)(const float *w,
                                                                        ptrdiff_t tap_stride,
                                                                        T columns[3][6]) {
  T column[3];
  UNROLL for (int j = 0; j < 3; j++) {
    UNROLL for (int i = 0; i < 3; i++) column[i] = NAME(load)(w + (3 * i + j) * tap_stride);
    NAME(weights_line)(column, columns[j]);
  }
}

// Row i of U = G w G^T.
static inline __attribute__((always_inline)) void NAME(weights_row)(const T columns[3][6],
                                                                    const int i, T u[6]) {
  T line[3];
  UNROLL for (int j = 0; j < 3; j++) line[j] = columns[j][i];
  NAME(weights_line)(line, u);
}

// U, of which frequencies are `step` apart.
static inline __attribute__((always_inline)) void NAME(weights_tile)(const float *w,
                                                                     ptrdiff_t tap_stride,
                                                                     float *u, ptrdiff_t step) {
  T columns[3][6], row[6];
  NAME(weights_columns)(w, tap_stride, columns);
  UNROLL for (int i = 0; i < 6; i++) {
    NAME(weights_row)(columns, i, row);
    UNROLL for (int j = 0; j < 6; j++) NAME(store)(u + (6 * i + j) * step, row[j]);
  }
}

#ifndef CK_BFLOAT16
// G^T u of six values in a line: the adjoint of `weights_line`.
static inline __attribute__((always_inline)) void NAME(taps_line)(const T u[6], T w[3]) {
  T s = FACTOR_A * (u[1] + u[2]), d = FACTOR_A * (u[1] - u[2]);
  T t = FACTOR_B * (u[3] + u[4]), e = FACTOR_B * (u[3] - u[4]);
  w[0] = (FACTOR_0 * u[0] + s) + t;
  w[1] = POINT_A * d + POINT_B * e;
  w[2] = (u[5] + POINT_AA * s) + POINT_BB * t;
}

// dw = G^T du G, or dw += it, taps `tap_stride` apart.
static inline __attribute__((always_inline)) void NAME(taps_tile)(const float *du, ptrdiff_t step,
                                                                  float *dw,
                                                                  ptrdiff_t tap_stride,
                                                                  int accumulate) {
  T columns[6][3], column[6], line[3];
  UNROLL for (int i = 0; i < 6; i++) {
    UNROLL for (int j = 0; j < 6; j++) column[j] = NAME(load)(du + (6 * i + j) * step);
    NAME(taps_line)(column, columns[i]);
  }
  UNROLL for (int j = 0; j < 3; j++) {
    UNROLL for (int i = 0; i < 6; i++) column[i] = columns[i][j];
    NAME(taps_line)(column, line);
    UNROLL for (int i = 0; i < 3; i++) {
      float *to = dw + (3 * i + j) * tap_stride;
      NAME(store)(to, accumulate ? NAME(load)(to) + line[i] : line[i]);
    }
  }
}
#endif

#endif

#undef T
#undef TI
#undef W
#undef NAME
#undef AT_ONCE
