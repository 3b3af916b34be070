// The tile registers of AMX: eight tiles of up to 16 rows of 64 bytes. With EMULATE_TILES defined
// they are memory, and the instructions plain C, so that what is built on them can be tested where
// there is no AMX. The number of a tile is a constant.
//
// Source of what the instructions do: Intel 64 and IA-32 Architectures Software Developer's Manual,
// volume 2.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// The sizes of the tiles, as LDTILECFG reads them.
struct tile_sizes {
  uint8_t palette;  // 1
  uint8_t start_row;
  uint8_t reserved[14];
  uint16_t row_bytes[16];  // a multiple of 4 up to 64
  uint8_t rows[16];        // up to 16
} __attribute__((aligned(64)));

#ifndef EMULATE_TILES

#include <immintrin.h>

/// Sets the sizes of all tiles and fills them with zeros.
#define TILE_CONFIGURE(sizes) _tile_loadconfig(sizes)
/// Gives the tiles up. A thread that keeps them makes every switch of tasks save them.
#define TILE_RELEASE() _tile_release()
#define TILE_ZERO(tile) _tile_zero(tile)
/// Rows are `apart` bytes apart in memory.
#define TILE_LOAD(tile, from, apart) _tile_loadd(tile, from, apart)
#define TILE_STORE(tile, to, apart) _tile_stored(tile, to, apart)
/// sum[row][column] += the dot product of a[row] and column `column` of b, whose rows hold pairs of
/// bfloat16 numbers.
#define TILE_DOT(sum, a, b) _tile_dpbf16ps(sum, a, b)

#else

/// A thread's tiles.
static _Thread_local struct {
  int configured;
  struct tile_sizes sizes;
  float tile[8][16][16];
} registers;

/// What raises an exception on a processor ends the program here.
static inline void expect(int fine) {
  if (!fine) __builtin_trap();
}

static inline void tile_configure(const struct tile_sizes *sizes) {
  expect(sizes->palette == 1 && sizes->start_row == 0);
  for (int i = 0; i < 14; i++) expect(sizes->reserved[i] == 0);
  for (int i = 0; i < 16; i++) {
    expect(sizes->row_bytes[i] <= 64 && sizes->row_bytes[i] % 4 == 0 && sizes->rows[i] <= 16);
    expect((sizes->row_bytes[i] == 0) == (sizes->rows[i] == 0));
    expect(i < 8 || sizes->rows[i] == 0);
  }
  memset(&registers, 0, sizeof(registers));
  registers.sizes = *sizes;
  registers.configured = 1;
}

static inline void tile_release(void) { memset(&registers, 0, sizeof(registers)); }

static inline void tile_zero(int tile) {
  expect(registers.configured && registers.sizes.rows[tile] > 0);
  memset(registers.tile[tile], 0, sizeof(registers.tile[tile]));
}

static inline void tile_load(int tile, const void *from, ptrdiff_t apart) {
  tile_zero(tile);
  for (int row = 0; row < registers.sizes.rows[tile]; row++)
    memcpy(registers.tile[tile][row], (const char *)from + row * apart,
           registers.sizes.row_bytes[tile]);
}

static inline void tile_store(int tile, void *to, ptrdiff_t apart) {
  expect(registers.configured && registers.sizes.rows[tile] > 0);
  for (int row = 0; row < registers.sizes.rows[tile]; row++)
    memcpy((char *)to + row * apart, registers.tile[tile][row], registers.sizes.row_bytes[tile]);
}

/// The number, or zero if it is subnormal.
static inline float normal(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  if ((bits & 0x7f800000) == 0) bits &= 0x80000000;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

/// Number 0 or 1 of a word of two bfloat16 numbers.
static inline float half_of_word(float word, int half) {
  uint32_t bits;
  memcpy(&bits, &word, sizeof(bits));
  bits = half ? bits & 0xffff0000 : bits << 16;
  memcpy(&word, &bits, sizeof(word));
  return normal(word);
}

/// The numbers of even and odd place are summed apart and then added, each step rounded to the
/// nearest; subnormal numbers count as zero and are never produced.
static inline void tile_dot(int sum, int a, int b) {
  const struct tile_sizes *sizes = &registers.sizes;
  const int rows = sizes->rows[sum], columns = sizes->row_bytes[sum] / 4, words = sizes->rows[b];
  expect(registers.configured && rows > 0 && sum != a && sum != b && a != b);
  expect(sizes->rows[a] == rows && sizes->row_bytes[a] == 4 * words);
  expect(sizes->row_bytes[b] == 4 * columns);
  for (int row = 0; row < rows; row++) {
    float part[2][16] = {{0}};
    for (int word = 0; word < words; word++)
      for (int half = 0; half < 2; half++) {
        const float value = half_of_word(registers.tile[a][row][word], half);
        for (int column = 0; column < columns; column++)
          part[half][column] =
              normal(__builtin_fmaf(value, half_of_word(registers.tile[b][word][column], half),
                                    part[half][column]));
      }
    for (int column = 0; column < columns; column++) {
      float *to = &registers.tile[sum][row][column];
      *to = normal(normal(*to) + normal(part[0][column] + part[1][column]));
    }
  }
}

#define TILE_CONFIGURE(sizes) tile_configure(sizes)
#define TILE_RELEASE() tile_release()
#define TILE_ZERO(tile) tile_zero(tile)
#define TILE_LOAD(tile, from, apart) tile_load(tile, from, apart)
#define TILE_STORE(tile, to, apart) tile_store(tile, to, apart)
#define TILE_DOT(sum, a, b) tile_dot(sum, a, b)

#endif
