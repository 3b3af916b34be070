// The kernels that the tables of CKernels.h hold, each once: result, name, parameters, and what it does.
// Whoever includes this says before what becomes of an entry; what isn't said is left out.
//
//   CK_ENTRY           in both tables, `ck_kernels` and `ck_bfloat16`
//   CK_CONV_ENTRY      the same for the convolutions, of which AMX has its own; without it, as CK_ENTRY
//   CK_FLOAT32_ENTRY   in `ck_kernels` alone
//   CK_BFLOAT16_ENTRY  in `ck_bfloat16` alone
//
// CKernels.h makes the structs' members of them, tables/ fills them with the functions of these names.
// No `#pragma once`: it is included often.

#ifndef CK_ENTRY
#define CK_ENTRY(result, name, parameters)
#endif
#ifndef CK_CONV_ENTRY
#define CK_CONV_ENTRY CK_ENTRY
#endif
#ifndef CK_FLOAT32_ENTRY
#define CK_FLOAT32_ENTRY(result, name, parameters)
#endif
#ifndef CK_BFLOAT16_ENTRY
#define CK_BFLOAT16_ENTRY(result, name, parameters)
#endif

// Packed weights and direct convolution. In bfloat16 an odd `cin` is filled up with a zero.

/// Floats (or words) that packed weights of `taps` x `cin` x `cout` need, `cin` in channels.
CK_ENTRY(ptrdiff_t, packed_count, (ptrdiff_t taps, ptrdiff_t cin, ptrdiff_t cout))

/// Packs w[tap][in][out], found at these strides, for `conv`; `flip` reverses the taps. The stride of
/// inputs or that of filters is 1.
CK_ENTRY(void, pack,
         (ptrdiff_t taps, ptrdiff_t cin, ptrdiff_t cout, const float *w, ptrdiff_t tap_stride,
          ptrdiff_t in_stride, ptrdiff_t out_stride, int flip, float *packed))

/// to[column][row] = from[row][column].
CK_ENTRY(void, transpose,
         (ptrdiff_t rows, ptrdiff_t columns, const float *from, ptrdiff_t from_pitch, float *to,
          ptrdiff_t to_pitch))

/// y = x * w + bias; bias may be null. In bfloat16, `cin` and the distances of x are in words.
CK_CONV_ENTRY(void, conv,
              (const struct ck_conv *g, const float *x, const float *packed, const float *bias,
               float *y))

/// dw[kh][cout][kw][cin] += sum over pixels of x and dy. Reads up to `lanes` floats beyond the last tap
/// of x. The geometry is the forward pass's. In bfloat16, `cols` is in words, and so are the distances
/// of x and dy.
CK_CONV_ENTRY(void, conv_weights,
              (const struct ck_conv *g, const float *x, const float *dy, float *dw))

/// A convolution of each of `cin` channels by itself, with w[tap][channel]; bias may be null.
CK_FLOAT32_ENTRY(void, depthwise,
                 (const struct ck_conv *g, const float *x, const float *w, const float *bias,
                  float *y))

/// dw[tap][channel] += sum over pixels of x and dy. The geometry is the forward pass's.
CK_FLOAT32_ENTRY(void, depthwise_weights,
                 (const struct ck_conv *g, const float *x, const float *dy, float *dw))

// Winograd's convolution. In bfloat16, the frequencies of weights, inputs and gradients are words.

/// Filters in memory for `c` filters: those of `winograd_pack` and `winograd_sum`.
CK_FLOAT32_ENTRY(ptrdiff_t, winograd_filters, (ptrdiff_t c))

/// Floats of a block of tiles with c channels, for these parts of the frequencies.
CK_ENTRY(ptrdiff_t, winograd_block, (int parts, ptrdiff_t c))

/// u[36][cin][filters] from 3 x 3 taps, as `pack`.
CK_ENTRY(void, winograd_pack,
         (ptrdiff_t cin, ptrdiff_t cout, const float *w, ptrdiff_t tap_stride, ptrdiff_t in_stride,
          ptrdiff_t out_stride, int flip, float *u))

/// Frequencies of tiles side by side for `winograd_multiply`, from number `slot` of the block on.
/// Tile t reads pixels 4 t to 4 t + 5 of six rows, which lie `line` floats apart in a ring; `first`
/// is the uppermost.
CK_ENTRY(void, winograd_input,
         (ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *x, ptrdiff_t line,
          ptrdiff_t first, ptrdiff_t pitch, float *v))

/// m = v u for a block's first tiles; up to three more are overwritten.
CK_ENTRY(void, winograd_multiply,
         (ptrdiff_t tiles, ptrdiff_t cin, ptrdiff_t cout, const float *v, const float *u, float *m,
          const struct ck_ahead *ahead))

/// Results of tiles side by side, from number `slot` of the block on: tile t's are pixels 4 t to
/// 4 t + 3 of four rows, of which there are `rows` x `cols`. With bias (maybe null), added to what is
/// there if `accumulate`.
CK_FLOAT32_ENTRY(void, winograd_result,
                 (ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *m, const float *bias,
                  int relu, int accumulate, float *y, ptrdiff_t line, ptrdiff_t pitch,
                  ptrdiff_t rows, ptrdiff_t cols))

/// As `winograd_input`, for `winograd_sum`; slots are filled in order.
CK_ENTRY(void, winograd_sum_input,
         (int parts, ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *x, ptrdiff_t line,
          ptrdiff_t first, ptrdiff_t pitch, float *v))

/// Frequencies of a gradient's tiles side by side: four whole rows, zero where no results are.
CK_ENTRY(void, winograd_gradient,
         (int parts, ptrdiff_t slot, ptrdiff_t tiles, ptrdiff_t c, const float *y, ptrdiff_t line,
          ptrdiff_t pitch, float *w))

/// du[frequency][cin][filters] = or += sum over tiles of v and w, in as many blocks as they fill.
CK_ENTRY(void, winograd_sum,
         (int parts, ptrdiff_t tiles, ptrdiff_t cin, ptrdiff_t cout, const float *v, const float *w,
          float *du, int accumulate, const struct ck_ahead *ahead))

/// dw[tap][cin][cout] = or += what du[36][cin][filters] says about 3 x 3 taps.
CK_FLOAT32_ENTRY(void, winograd_taps,
                 (ptrdiff_t cin, ptrdiff_t cout, const float *du, float *dw, int accumulate))

// Passes over the pixels of one image.

/// Adds the sums of (x - shift) and (x - shift)^2 a channel.
CK_FLOAT32_ENTRY(void, moments,
                 (ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, const float *shift,
                  double *sum, double *squares))

/// Adds the sum of x a channel.
CK_FLOAT32_ENTRY(void, channel_sums,
                 (ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, double *sum))

/// y = scale x + shift, clamped at zero if `relu`.
CK_FLOAT32_ENTRY(void, scale_shift,
                 (ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, const float *scale,
                  const float *shift, int relu, float *y, ptrdiff_t y_pitch))

/// Reads n pixels of c channels, from pixel `first` of the source on. In bfloat16 this and the next two
/// are for memory of both kinds.
CK_ENTRY(void, read,
         (const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c, float *to,
          ptrdiff_t to_pitch))

/// Writes them to the sink.
CK_ENTRY(void, write,
         (const struct ck_sink *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c, const float *from,
          ptrdiff_t from_pitch))

/// For a gradient source, with g as described there: adds the sums of g and g (y - mean).
CK_ENTRY(void, gradient_sums,
         (const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c, const float *mean,
          double *sum, double *product))

/// y = x, or y += x.
CK_FLOAT32_ENTRY(void, copy,
                 (ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, float *y,
                  ptrdiff_t y_pitch, int accumulate))

/// The maximum of size x size windows; rows and cols are the result's.
CK_FLOAT32_ENTRY(void, max_pool,
                 (ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t c, ptrdiff_t size, const float *x,
                  ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch))

/// Each window's gradient goes to its first maximum; the others get zero.
CK_FLOAT32_ENTRY(void, max_pool_backward,
                 (ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t c, ptrdiff_t size, const float *dy,
                  ptrdiff_t dy_pitch, const float *x, ptrdiff_t x_pitch, const float *y,
                  ptrdiff_t y_pitch, float *dx, ptrdiff_t dx_pitch))

/// y = x kept with probability 1 - rate and scaled by `scale`; which values are kept follows from
/// `key` and the value's place alone. With `spatial`, whole channels.
CK_FLOAT32_ENTRY(void, dropout,
                 (ptrdiff_t n, ptrdiff_t c, const float *x, ptrdiff_t x_pitch, uint64_t key,
                  uint32_t threshold, float scale, int spatial, float *y, ptrdiff_t y_pitch,
                  int accumulate))

/// y = 1 / (1 + exp(-x)) and, if `softplus` is not null, log(1 + exp(x)).
CK_FLOAT32_ENTRY(void, sigmoid, (ptrdiff_t n, const float *x, float *y, float *softplus))

// Sums and products of two images, pooling, activation functions.

/// y = a + b, clamped at zero if `relu`.
CK_FLOAT32_ENTRY(void, add_images,
                 (ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch, const float *b,
                  ptrdiff_t b_pitch, int relu, float *y, ptrdiff_t y_pitch))

/// y = a b, or y += a b; with a pitch of 0, b is one factor a channel.
CK_FLOAT32_ENTRY(void, multiply,
                 (ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch, const float *b,
                  ptrdiff_t b_pitch, float *y, ptrdiff_t y_pitch, int accumulate))

/// y = a times the pixel's factor, or y += it.
CK_FLOAT32_ENTRY(void, multiply_pixels,
                 (ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch, const float *factor,
                  ptrdiff_t factor_pitch, float *y, ptrdiff_t y_pitch, int accumulate))

/// Adds the sum of a b a channel.
CK_FLOAT32_ENTRY(void, channel_products,
                 (ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch, const float *b,
                  ptrdiff_t b_pitch, double *sum))

/// y = the sum of a b over a pixel's channels, or y += it.
CK_FLOAT32_ENTRY(void, pixel_products,
                 (ptrdiff_t n, ptrdiff_t c, const float *a, ptrdiff_t a_pitch, const float *b,
                  ptrdiff_t b_pitch, float *y, ptrdiff_t y_pitch, int accumulate))

/// The maximum of each window, rows of x being `width` pixels; weights are not read.
CK_FLOAT32_ENTRY(void, max_windows,
                 (const struct ck_spans *rows, const struct ck_spans *cols, ptrdiff_t width,
                  ptrdiff_t c, const float *x, ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch))

/// Adds each window's gradient to its first maximum; windows may overlap.
CK_FLOAT32_ENTRY(void, max_windows_backward,
                 (const struct ck_spans *rows, const struct ck_spans *cols, ptrdiff_t width,
                  ptrdiff_t c, const float *dy, ptrdiff_t dy_pitch, const float *x,
                  ptrdiff_t x_pitch, const float *y, ptrdiff_t y_pitch, float *dx,
                  ptrdiff_t dx_pitch))

/// The weighted sum of each window, with weights row times column, or y += it.
CK_FLOAT32_ENTRY(void, resample,
                 (const struct ck_spans *rows, const struct ck_spans *cols, ptrdiff_t width,
                  ptrdiff_t c, const float *x, ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch,
                  int accumulate))

/// y = the function of x.
CK_FLOAT32_ENTRY(void, activation,
                 (enum ck_activation kind, ptrdiff_t n, ptrdiff_t c, const float *x,
                  ptrdiff_t x_pitch, float *y, ptrdiff_t y_pitch))

/// dx = dy times the slope at x, or dx += it.
CK_FLOAT32_ENTRY(void, activation_backward,
                 (enum ck_activation kind, ptrdiff_t n, ptrdiff_t c, const float *dy,
                  ptrdiff_t dy_pitch, const float *x, ptrdiff_t x_pitch, float *dx,
                  ptrdiff_t dx_pitch, int accumulate))

// Losses of one image from logits z and targets t; each adds its gradient with respect to z to g.
// Pixel weights w may be null; p and `softplus` are what `sigmoid` made of z.

/// The sum over pixels of -w (positive t log p + (1 - t) log(1 - p)); g gets `each` times its
/// gradient.
CK_FLOAT32_ENTRY(double, bce,
                 (ptrdiff_t n, const float *z, const float *t, const float *w, const float *p,
                  const float *softplus, float positive, float each, float *g))

/// 1 - (2 sum(w p t) + smooth) / (sum(w p) + sum(w t) + smooth); g gets `scale` times its gradient.
CK_FLOAT32_ENTRY(double, dice,
                 (ptrdiff_t n, const float *t, const float *w, const float *p, double smooth,
                  float scale, float *g))

/// The sum over pixels of -w a (1 - q)^gamma log q with q the probability of what is true, and a
/// `positive` where t > 0.5, else `negative`; g gets `each` times its gradient.
CK_FLOAT32_ENTRY(double, focal,
                 (ptrdiff_t n, const float *z, const float *t, const float *w, float gamma,
                  float positive, float negative, float each, float *g))

/// The Lovász extension of the Jaccard loss at max(e, 0), or with `elu` at elu(e) + 1, where e =
/// 1 - z for t > 0.5 and 1 + z elsewhere; with `symmetric` the mean of it and of that with classes
/// swapped. A pixel counts as w pixels. g gets `scale` times its gradient. Scratch: 16 n bytes, aligned
/// for a uint64_t.
CK_FLOAT32_ENTRY(double, lovasz,
                 (ptrdiff_t n, const float *z, const float *t, const float *w, int elu, int symmetric,
                  float scale, void *scratch, float *g))

// Losses of one image over c classes, from logits z [n][c] and the numbers t of classes, of which 255
// counts for nothing. What lies in planes is [c][pitch].

/// Planes p of softmax(z), and of each pixel cost = -log p[t] and weight = w (1 if null), both 0 where
/// it counts for nothing. The cost is NaN where there is no such class.
CK_FLOAT32_ENTRY(void, softmax,
                 (ptrdiff_t n, ptrdiff_t c, const float *z, const float *t, const float *w, float *p,
                  ptrdiff_t pitch, float *cost, float *weight))

/// The sum over pixels of weight v (cross + focal (1 - p[t])^gamma) cost, with v the weight of class t (1
/// if `classes` is null); slope = `each` times its derivative by the cost.
CK_FLOAT32_ENTRY(double, class_costs,
                 (ptrdiff_t n, const float *cost, const float *weight, const float *t,
                  const float *classes, float cross, float focal, float gamma, float each,
                  float *slope))

/// Of each class, the sums over pixels of weight p where it is true, of weight p, and of weight where it is
/// true.
CK_FLOAT32_ENTRY(void, class_sums,
                 (ptrdiff_t n, ptrdiff_t c, const float *p, ptrdiff_t pitch, const float *t,
                  const float *weight, double *overlap, double *predicted, double *present))

/// The Lovász extension of the Jaccard loss of one class, from its plane p: at 1 - p where it is true and
/// p elsewhere. A pixel counts as w pixels; unless `weighted` these are only 0 and 1. dp = `scale` times
/// its gradient by p. Scratch: 16 n bytes, aligned for a uint64_t.
CK_FLOAT32_ENTRY(double, lovasz_class,
                 (ptrdiff_t n, const float *p, const float *t, const float *w, float class_number,
                  int weighted, float scale, void *scratch, float *dp))

/// Adds to g [n][c] the gradient by z that follows from `slope` by the cost, from weight (a + b where the
/// class is true) by p with `region` = a, b of each class, and from planes dp by p; the latter two may be
/// null. Scratch: 1024 c floats.
CK_FLOAT32_ENTRY(void, softmax_gradient,
                 (ptrdiff_t n, ptrdiff_t c, const float *p, ptrdiff_t pitch, const float *t,
                  const float *weight, const float *slope, const float *region, const float *dp,
                  float *scratch, float *g))

/// g [n][c] += planes. Scratch: 512 c floats.
CK_FLOAT32_ENTRY(void, add_planes,
                 (ptrdiff_t n, ptrdiff_t c, const float *planes, ptrdiff_t pitch, float *scratch,
                  float *g))

// Parameters and their gradients.

/// The sum of squares.
CK_FLOAT32_ENTRY(double, sum_squares, (ptrdiff_t n, const float *x))

/// y += x.
CK_FLOAT32_ENTRY(void, add, (ptrdiff_t n, const float *x, float *y))

/// Adam: m, v and w move by gradient `scale` * g + l2 * w; then w loses decay * w. `rate` is
/// divided by the first, `root` is the second moment's correction.
CK_FLOAT32_ENTRY(void, adam,
                 (ptrdiff_t n, float *w, const float *g, float *m, float *v, float scale,
                  float beta1, float beta2, float rate, float root, float epsilon, float l2,
                  float decay))

/// Momentum SGD: m = momentum m + (scale g + l2 w); w -= rate m (or Nesterov's form).
CK_FLOAT32_ENTRY(void, momentum,
                 (ptrdiff_t n, float *w, const float *g, float *m, float scale, float momentum,
                  float rate, float l2, int nesterov))

/// average += share (w - average).
CK_FLOAT32_ENTRY(void, average, (ptrdiff_t n, const float *w, float *average, float share))

// Words of bfloat16 numbers.

/// Reads rounded to bfloat16; an odd c is followed by a zero.
CK_BFLOAT16_ENTRY(void, read_rounded,
                  (const struct ck_source *s, ptrdiff_t first, ptrdiff_t n, ptrdiff_t c,
                   uint16_t *to, ptrdiff_t to_pitch))

/// y[i] = the word of x[i] and x[i + apart].
CK_BFLOAT16_ENTRY(void, pair, (ptrdiff_t n, const uint16_t *x, ptrdiff_t apart, uint32_t *y))

/// y[i][channel] = the word of pixels 2 i and 2 i + 1 of n dense pixels of c channels, zero beyond
/// the last.
CK_BFLOAT16_ENTRY(void, pair_pixels,
                  (ptrdiff_t n, ptrdiff_t c, const uint16_t *x, ptrdiff_t x_pitch, uint32_t *y))

#undef CK_ENTRY
#undef CK_CONV_ENTRY
#undef CK_FLOAT32_ENTRY
#undef CK_BFLOAT16_ENTRY
