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
  CK_NORMALIZED,  // max(scale x + shift, floor)
  CK_GRADIENT,    // a g + b y + d, with g = x where scale y + shift > floor, else 0
};

/// How the pixels of one image are read. Values are floats, or bfloat16 where it says narrow (for the
/// kernels of `ck_bfloat16` alone); factors are floats, one a channel.
struct ck_source {
  const void *x;
  ptrdiff_t x_pitch;
  int x_narrow;
  enum ck_kind kind;
  const float *scale, *shift, *floor;
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

/// The kernels of one instruction set.
struct ck_kernels {
  const char *name;
  ptrdiff_t lanes;  // floats a vector

  /// Floats that packed weights of `taps` x `cin` x `cout` need.
  ptrdiff_t (*packed_count)(ptrdiff_t taps, ptrdiff_t cin, ptrdiff_t cout);
  /// Packs w[tap][in][out], found at these strides, for `conv`; `flip` reverses the taps. The stride of
  /// inputs or that of filters is 1.
  void (*pack)(ptrdiff_t taps, ptrdiff_t cin, ptrdiff_t cout, const float *w, ptrdiff_t tap_stride,
               ptrdiff_t in_stride, ptrdiff_t out_stride, int flip, float *packed);
  /// to[column][row] = from[row][column].
  void (*transpose)(ptrdiff_t rows, ptrdiff_t columns, const float *from, ptrdiff_t from_pitch,
                    float *to, ptrdiff_t to_pitch);
  /// y = x * w + bias; bias may be null.
  void (*conv)(const struct ck_conv *g, const float *x, const float *packed, const float *bias,
               float *y);
  /// dw[kh][cout][kw][cin] += sum over pixels of x and dy. Reads up to `lanes` floats beyond the
  /// last tap of x. The geometry is the forward pass's.
  void (*conv_weights)(const struct ck_conv *g, const float *x, const float *dy, float *dw);
  /// A convolution of each of `cin` channels by itself, with w[tap][channel]; bias may be null.
  void (*depthwise)(const struct ck_conv *g, const float *x, const float *w, const float *bias,
                    float *y);
  /// dw[tap][channel] += sum over pixels of x and dy. The geometry is the forward pass's.
  void (*depthwise_weights)(const struct ck_conv *g, const float *x, const float *dy, float *dw);

  /// Filters in memory for `c` filters: those of `winograd_pack` and `winograd_sum`.
  ptrdiff_t (*winograd_filters)(ptrdiff_t c);
  /// Floats of a block of tiles with c channels, for these parts of the frequencies.
  ptrdiff_t (*winograd_block)(int parts, ptrdiff_t c);
  /// u[36][cin][filters] from 3 x 3 taps, as `pack`.
  void (*winograd_pack)(ptrdiff_t cin, ptrdiff_t cout, const float *w, ptrdiff_t tap_stride,
                        ptrdiff_t in_stride, ptrdiff_t out_stride, int flip, float *u);
  /// Frequencies of tiles side by side for `winograd_multiply`, from number `slot` of the block on.
  /// Tile t reads pixels 4 t to 4 t + 5 of six rows, which lie `line` floats apart in a ring; `first`
  /// is the uppermost.
  void (*winograd_input)(ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *x,
                         ptrdiff_t line, ptrdiff_t first, ptrdiff_t pitch, float *v);
  /// m = v u for a block's first tiles; up to three more are overwritten.
  void (*winograd_multiply)(ptrdiff_t tiles, ptrdiff_t cin, ptrdiff_t cout, const float *v,
                            const float *u, float *m, const struct ck_ahead *ahead);
  /// Results of tiles side by side, from number `slot` of the block on: tile t's are pixels 4 t to
  /// 4 t + 3 of four rows, of which there are `rows` x `cols`. With bias (maybe null), added to what is
  /// there if `accumulate`.
  void (*winograd_result)(ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *m,
                          const float *bias, int relu, int accumulate, float *y, ptrdiff_t line,
                          ptrdiff_t pitch, ptrdiff_t rows, ptrdiff_t cols);
  /// Tiles in a block for `winograd_sum`.
  ptrdiff_t winograd_sum_tiles;
  /// As `winograd_input`, for `winograd_sum`; slots are filled in order.
  void (*winograd_sum_input)(int parts, ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c,
                             const float *x, ptrdiff_t line, ptrdiff_t first, ptrdiff_t pitch,
                             float *v);
  /// Frequencies of a gradient's tiles side by side: four whole rows, zero where no results are.
  void (*winograd_gradient)(int parts, ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *y,
                            ptrdiff_t line, ptrdiff_t pitch, float *w);
  /// du[frequency][cin][filters] = or += sum over tiles of v and w, in as many blocks as they fill.
  void (*winograd_sum)(int parts, ptrdiff_t tiles, ptrdiff_t cin, ptrdiff_t cout, const float *v,
                       const float *w, float *du, int accumulate, const struct ck_ahead *ahead);
  /// dw[tap][cin][cout] = or += what du[36][cin][filters] says about 3 x 3 taps.
  void (*winograd_taps)(ptrdiff_t cin, ptrdiff_t cout, const float *du, float *dw, int accumulate);

  /// Adds the sums of (x - shift) and (x - shift)^2 a channel.
  void (*moments)(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, const float *shift,
                  double *sum, double *squares);
  /// Adds the sum of x a channel.
  void (*channel_sums)(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, double *sum);
  /// y = scale x + shift, clamped at zero if `relu`.
  void (*scale_shift)(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch,
                      const float *scale, const float *shift, int relu, float *y,
                      ptrdiff_t y_pitch);
  /// Reads n pixels of c channels, from pixel `first` of the source on.
  void (*read)(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c, float *to,
               ptrdiff_t to_pitch);
  /// Writes them to the sink.
  void (*write)(const struct ck_sink *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c,
                const float *from, ptrdiff_t from_pitch);
  /// For a gradient source, with g as described there: adds the sums of g and g (y - mean).
  void (*gradient_sums)(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c,
                        const float *mean, double *sum, double *product);
  /// y = x, or y += x.
  void (*copy)(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, float *y,
               ptrdiff_t y_pitch, int accumulate);
  /// The maximum of size x size windows; rows and cols are the result's.
  void (*max_pool)(ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t c, ptrdiff_t size, const float *x,
                   ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch);
  /// Each window's gradient goes to its first maximum; the others get zero.
  void (*max_pool_backward)(ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t c, ptrdiff_t size,
                            const float *dy, ptrdiff_t dy_pitch, const float *x,
                            ptrdiff_t x_pitch, const float *y, ptrdiff_t y_pitch, float *dx,
                            ptrdiff_t dx_pitch);
  /// y = x kept with probability 1 - rate and scaled by `scale`; which values are kept follows from
  /// `key` and the value's place alone. With `spatial`, whole channels.
  void (*dropout)(ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, uint64_t key,
                  uint32_t threshold, float scale, int spatial, float *y, ptrdiff_t y_pitch,
                  int accumulate);

  /// y = 1 / (1 + exp(-x)) and, if `softplus` is not null, log(1 + exp(x)).
  void (*sigmoid)(ptrdiff_t n, const float *x, float *y, float *softplus);

  /// y = a + b, clamped at zero if `relu`.
  void (*add_images)(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch, const float *b,
                     ptrdiff_t b_pitch, int relu, float *y, ptrdiff_t y_pitch);
  /// y = a b, or y += a b; with a pitch of 0, b is one factor a channel.
  void (*multiply)(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch, const float *b,
                   ptrdiff_t b_pitch, float *y, ptrdiff_t y_pitch, int accumulate);
  /// y = a times the pixel's factor, or y += it.
  void (*multiply_pixels)(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch,
                          const float *factor, ptrdiff_t factor_pitch, float *y,
                          ptrdiff_t y_pitch, int accumulate);
  /// Adds the sum of a b a channel.
  void (*channel_products)(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch,
                           const float *b, ptrdiff_t b_pitch, double *sum);
  /// y = the sum of a b over a pixel's channels, or y += it.
  void (*pixel_products)(ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch,
                         const float *b, ptrdiff_t b_pitch, float *y, ptrdiff_t y_pitch,
                         int accumulate);
  /// The maximum of each window, rows of x being `width` pixels; weights are not read.
  void (*max_windows)(const struct ck_spans *rows, const struct ck_spans *cols, ptrdiff_t width,
                      ptrdiff_t c, const float *x, ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch);
  /// Adds each window's gradient to its first maximum; windows may overlap.
  void (*max_windows_backward)(const struct ck_spans *rows, const struct ck_spans *cols,
                               ptrdiff_t width, ptrdiff_t c, const float *dy, ptrdiff_t dy_pitch,
                               const float *x, ptrdiff_t x_pitch, const float *y,
                               ptrdiff_t y_pitch, float *dx, ptrdiff_t dx_pitch);
  /// The weighted sum of each window, with weights row times column, or y += it.
  void (*resample)(const struct ck_spans *rows, const struct ck_spans *cols, ptrdiff_t width,
                   ptrdiff_t c, const float *x, ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch,
                   int accumulate);
  /// y = the function of x.
  void (*activation)(enum ck_activation kind, ptrdiff_t n, ptrdiff_t c, const float *x,
                     ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch);
  /// dx = dy times the slope at x, or dx += it.
  void (*activation_backward)(enum ck_activation kind, ptrdiff_t n, ptrdiff_t c, const float *dy,
                              ptrdiff_t dy_pitch, const float *x, ptrdiff_t x_pitch, float *dx,
                              ptrdiff_t dx_pitch, int accumulate);

  // Losses of one image from logits z and targets t; each adds its gradient with respect to z to g.
  // Pixel weights w may be null; p and `softplus` are what `sigmoid` made of z.

  /// The sum over pixels of -w (positive t log p + (1 - t) log(1 - p)); g gets `each` times its
  /// gradient.
  double (*bce)(ptrdiff_t n, const float *z, const float *t, const float *w, const float *p,
                const float *softplus, float positive, float each, float *g);
  /// 1 - (2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth); g gets `scale` times its gradient.
  double (*dice)(ptrdiff_t n, const float *t, const float *p, double smooth, float scale, float *g);
  /// The sum over pixels of -a (1 - q)^gamma log q with q the probability of what is true, and a
  /// `positive` where t > 0.5, else `negative`; g gets `each` times its gradient.
  double (*focal)(ptrdiff_t n, const float *z, const float *t, float gamma, float positive,
                  float negative, float each, float *g);
  /// The Lovász extension of the Jaccard loss at max(e, 0), or with `elu` at elu(e) + 1, where e =
  /// 1 - z for t > 0.5 and 1 + z elsewhere; with `symmetric` the mean of it and of that with classes
  /// swapped. g gets `scale` times its gradient. Scratch: 16 n bytes, aligned for a uint64_t.
  double (*lovasz)(ptrdiff_t n, const float *z, const float *t, int elu, int symmetric, float scale,
                   void *scratch, float *g);
  /// The sum over pixels of -w log softmax(z)[t], with z [n][c] and t the number of a class; NaN if
  /// there is no such class. g gets `each` times its gradient. Scratch: n c floats.
  double (*cross_entropy)(ptrdiff_t n, ptrdiff_t c, const float *z, const float *t, const float *w,
                          float each, float *scratch, float *g);

  /// The sum of squares.
  double (*sum_squares)(ptrdiff_t n, const float *x);
  /// y += x.
  void (*add)(ptrdiff_t n, const float *x, float *y);
  /// Adam: m, v and w move by gradient `scale` * g + l2 * w; then w loses decay * w. `rate` is
  /// divided by the first, `root` is the second moment's correction.
  void (*adam)(ptrdiff_t n, float *w, const float *g, float *m, float *v, float scale, float beta1,
               float beta2, float rate, float root, float epsilon, float l2, float decay);
  /// Momentum SGD: m = momentum m + (scale g + l2 w); w -= rate m (or Nesterov's form).
  void (*momentum)(ptrdiff_t n, float *w, const float *g, float *m, float scale, float momentum,
                   float rate, float l2, int nesterov);
  /// average += share (w - average).
  void (*average)(ptrdiff_t n, const float *w, float *average, float share);
};

/// The best kernels that this processor runs; with `limit` 0 only the portable ones, 1 up to AVX2,
/// 2 or more up to AVX-512.
const struct ck_kernels *ck_select(int limit);

/// Convolution of bfloat16 numbers with sums in float32. A word is two bfloat16 numbers, the first
/// in the lower half, and takes the place of a float: inputs of `conv` are words of two channels,
/// inputs of `conv_weights` words of two neighbouring results. Results are float32.
struct ck_bfloat16 {
  const char *name;

  /// As in `ck_kernels`, `cin` in channels; an odd one is filled up with a zero.
  ptrdiff_t (*packed_count)(ptrdiff_t taps, ptrdiff_t cin, ptrdiff_t cout);
  void (*pack)(ptrdiff_t taps, ptrdiff_t cin, ptrdiff_t cout, const float *w, ptrdiff_t tap_stride,
               ptrdiff_t in_stride, ptrdiff_t out_stride, int flip, float *packed);
  void (*transpose)(ptrdiff_t rows, ptrdiff_t columns, const float *from, ptrdiff_t from_pitch,
                    float *to, ptrdiff_t to_pitch);
  /// As in `ck_kernels`, with `cin` and the distances of x in words.
  void (*conv)(const struct ck_conv *g, const float *x, const float *packed, const float *bias,
               float *y);
  /// As in `ck_kernels`; `cols` is in words, and so are the distances of x and dy.
  void (*conv_weights)(const struct ck_conv *g, const float *x, const float *dy, float *dw);
  /// Words of x and dy that a call of `conv_weights` should have before it.
  ptrdiff_t gradient_band;

  /// As in `ck_kernels`; the frequencies of weights, inputs and gradients are words.
  ptrdiff_t (*winograd_block)(int parts, ptrdiff_t c);
  void (*winograd_pack)(ptrdiff_t cin, ptrdiff_t cout, const float *w, ptrdiff_t tap_stride,
                        ptrdiff_t in_stride, ptrdiff_t out_stride, int flip, float *u);
  void (*winograd_input)(ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *x,
                         ptrdiff_t line, ptrdiff_t first, ptrdiff_t pitch, float *v);
  void (*winograd_multiply)(ptrdiff_t tiles, ptrdiff_t cin, ptrdiff_t cout, const float *v,
                            const float *u, float *m, const struct ck_ahead *ahead);
  ptrdiff_t winograd_sum_tiles;
  void (*winograd_sum_input)(int parts, ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c,
                             const float *x, ptrdiff_t line, ptrdiff_t first, ptrdiff_t pitch,
                             float *v);
  void (*winograd_gradient)(int parts, ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *y,
                            ptrdiff_t line, ptrdiff_t pitch, float *w);
  void (*winograd_sum)(int parts, ptrdiff_t tiles, ptrdiff_t cin, ptrdiff_t cout, const float *v,
                       const float *w, float *du, int accumulate, const struct ck_ahead *ahead);
  /// As in `ck_kernels`, for memory of both kinds.
  void (*read)(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c, float *to,
               ptrdiff_t to_pitch);
  void (*write)(const struct ck_sink *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c,
                const float *from, ptrdiff_t from_pitch);
  void (*gradient_sums)(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c,
                        const float *mean, double *sum, double *product);
  /// Reads rounded to bfloat16; an odd c is followed by a zero.
  void (*read_rounded)(const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c,
                       uint16_t *to, ptrdiff_t to_pitch);
  /// y[i] = the word of x[i] and x[i + apart].
  void (*pair)(ptrdiff_t n, const uint16_t *x, ptrdiff_t apart, uint32_t *y);
  /// y[i][channel] = the word of pixels 2 i and 2 i + 1 of n dense pixels of c channels, zero beyond
  /// the last.
  void (*pair_pixels)(ptrdiff_t n, ptrdiff_t c, const uint16_t *x, ptrdiff_t x_pitch, uint32_t *y);
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
