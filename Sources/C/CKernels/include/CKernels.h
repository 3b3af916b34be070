// The engine's hot loops in C, each compiled for several instruction sets and chosen at run time.
//
// Images are rows of pixels of `c` channels; `pitch` is the distance between pixels in floats, so
// that a kernel can read or write some channels of a wider image. Nothing here allocates, keeps
// state (but for `ck_amx`, which remembers its finding) or starts threads; the order of every sum is
// fixed by the arguments alone.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Winograd's convolution works on blocks of this many tiles of 4 x 4 results, and has 36
/// frequencies in four parts: rows 0, 1 and 2, 3 and 4, and 5 of a tile's 6 x 6. Bits 0 to 3 stand
/// for them.
#define WINOGRAD_TILES 16
#define WINOGRAD_ALL 15

/// One pass of a convolution over packed (padded, dense) input; distances are in floats.
struct ck_conv {
  ptrdiff_t rows, cols;      // of results
  ptrdiff_t kh, kw;          // taps
  ptrdiff_t cin, cout;       // channels read and written
  ptrdiff_t x_row, x_col;    // from a result's first tap to the next result's, down and right
  ptrdiff_t tap_row, tap_col;  // from a tap to the next, down and right
  ptrdiff_t y_row, y_col;    // between results
  int relu;                  // clamp results at zero
  int accumulate;            // add to what is there
};

enum ck_kind {
  CK_PLAIN,       // x
  CK_NORMALIZED,  // max(scale x + shift, floor), then no more than the ceiling
  CK_GRADIENT,    // a g + b y + d, with g = x where scale y + shift is between the two, else 0
};

/// How the pixels of one image are read. Values are floats, or bfloat16 where it says narrow (for the
/// kernels of `ck_bfloat16` alone); factors are floats, one a channel.
struct ck_source {
  const void *x;
  ptrdiff_t x_pitch;
  int x_narrow;
  enum ck_kind kind;
  const float *scale, *shift, *floor, *ceiling;  // the ceiling may be null
  const void *y;
  ptrdiff_t y_pitch;
  int y_narrow;
  const float *a, *b, *d;
};

/// Where results go.
struct ck_sink {
  void *y;
  ptrdiff_t pitch;
  int narrow;
  int accumulate;  // add to what is there
};

/// Memory that is wanted soon and comes from afar: brought into the L2 cache while a kernel computes.
struct ck_ahead {
  const char *from[3];
  ptrdiff_t bytes[3];
};

/// Along one side of an image, the pixels of x that each result is worked out from: `length[i]`
/// pixels from `first[i]` on, weighted by `weights[i * weight_pitch]` and those after it.
struct ck_spans {
  ptrdiff_t count;  // results
  const int32_t *first, *length;
  const float *weights;
  ptrdiff_t weight_pitch;
};

/// Activation functions beside ReLU.
enum ck_activation { CK_ELU, CK_SILU, CK_SIGMOID };

/// The kernels of one instruction set; ck_entries.h says what each does.
struct ck_kernels {
  const char *name;
  ptrdiff_t lanes;               // floats a vector
  ptrdiff_t winograd_sum_tiles;  // tiles in a block for `winograd_sum`

#define CK_ENTRY(result, name, parameters) result (*name) parameters;
#define CK_FLOAT32_ENTRY CK_ENTRY
#include "ck_entries.h"
};

/// The best kernels that this processor runs; with `limit` 0 only the portable ones, 1 up to AVX2,
/// 2 or more up to AVX-512.
const struct ck_kernels *ck_select(int limit);

/// Convolution of bfloat16 numbers with sums in float32. A word is two bfloat16 numbers, the first
/// in the lower half, and takes the place of a float: inputs of `conv` are words of two channels,
/// inputs of `conv_weights` words of two neighbouring results. Results are float32.
struct ck_bfloat16 {
  const char *name;
  ptrdiff_t gradient_band;       // words of x and dy for each call of `conv_weights`
  ptrdiff_t winograd_sum_tiles;  // tiles in a block for `winograd_sum`

#define CK_ENTRY(result, name, parameters) result (*name) parameters;
#define CK_BFLOAT16_ENTRY CK_ENTRY
#include "ck_entries.h"
};

/// Which kernels for bfloat16 to choose among.
enum ck_tiles {
  CK_TILES_NONE,      // those without AMX
  CK_TILES_READY,     // those with AMX where `ck_amx` says that it is ready, else those without
  CK_TILES_EMULATED,  // those with AMX, on an emulation of its tiles; for tests
};
/// Null if the processor has no instructions for it.
const struct ck_bfloat16 *ck_select_bfloat16(enum ck_tiles tiles);

/// What became of AMX.
enum ck_amx {
  CK_AMX_ABSENT,   // processor or system do not have it
  CK_AMX_REFUSED,  // the system does not let this process use it
  CK_AMX_WRONG,    // its convolutions differ from those without it
  CK_AMX_READY,
};
/// Asks the system for AMX and tries its kernels when first called.
enum ck_amx ck_amx(void);
/// Whether two sets of kernels agree on small convolutions of integers, which have one exact result.
int ck_agree(const struct ck_bfloat16 *kernels, const struct ck_bfloat16 *others);

/// Whether bfloat16 tiles (AMX) can be used, by register edx of cpuid's leaf 7 and by the states that
/// the system keeps (extended control register 0).
int ck_allows_amx_bfloat16(uint32_t leaf7_edx, uint64_t kept_states);
/// The same of this processor and system.
int ck_has_amx_bfloat16(void);
