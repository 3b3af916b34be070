// What turns weights into the order of the kernels, and gradients back. A matrix whose columns are
// wanted side by side is transposed in small squares, so that each of its cache lines is read once.

#ifndef CK_BFLOAT16
#define IN_WORD 1
#else
#define IN_WORD 2
#endif
// Words of inputs that are packed at a time, and their inputs.
#define PACK_WORDS 4
#define PACK_INPUTS (PACK_WORDS * IN_WORD)

typedef float vsquare __attribute__((vector_size(16), aligned(4)));

static inline void transpose_square(const float *from, ptrdiff_t from_pitch, float *to,
                                    ptrdiff_t to_pitch) {
  vsquare row[4];
  for (int i = 0; i < 4; i++) memcpy(&row[i], from + i * from_pitch, sizeof(vsquare));
  const vsquare a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const vsquare b = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const vsquare c = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const vsquare d = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  row[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  row[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  row[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  row[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
  for (int i = 0; i < 4; i++) memcpy(to + i * to_pitch, &row[i], sizeof(vsquare));
}

// to[column][row] = from[row][column], a cache line of each row at a time.
static void transpose(ptrdiff_t rows, ptrdiff_t columns, const float *from, ptrdiff_t from_pitch,
                      float *to, ptrdiff_t to_pitch) {
  for (ptrdiff_t first = 0; first < columns; first += 16) {
    const ptrdiff_t end = first + 16 < columns ? first + 16 : columns;
    ptrdiff_t row = 0;
    for (; row + 4 <= rows; row += 4) {
      ptrdiff_t column = first;
      for (; column + 4 <= end; column += 4)
        transpose_square(from + row * from_pitch + column, from_pitch, to + column * to_pitch + row,
                         to_pitch);
      for (; column < end; column++)
        for (ptrdiff_t i = row; i < row + 4; i++)
          to[column * to_pitch + i] = from[i * from_pitch + column];
    }
    for (; row < rows; row++)
      for (ptrdiff_t column = first; column < end; column++)
        to[column * to_pitch + row] = from[row * from_pitch + column];
  }
}

// The words of a few inputs' weights for `filters` filters, `used` of which there are: [word][filter].
static inline void pack_words(ptrdiff_t inputs, ptrdiff_t filters, ptrdiff_t used, const float *w,
                              ptrdiff_t in_stride, ptrdiff_t out_stride, float *packed) {
  float rows[PACK_INPUTS * 2 * CK_LANES];
  if (out_stride != 1) {
    transpose(used, inputs, w, out_stride, rows, filters);
    w = rows;
    in_stride = filters;
  }
  for (ptrdiff_t in = 0; in < inputs; in += IN_WORD, w += IN_WORD * in_stride, packed += filters) {
#ifndef CK_BFLOAT16
    memcpy(packed, w, (size_t)used * sizeof(float));
#else
    words_of(used, w, in + 1 < inputs ? w + in_stride : 0, packed);
#endif
    for (ptrdiff_t i = used; i < filters; i++) packed[i] = 0;
  }
}
