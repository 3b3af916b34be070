// All kernels of one instruction set in float32, and their table. The including file chooses the set by
// CK_LANES (floats a vector), CK_TILE_ONE and CK_TILE_TWO (pixels a register tile of one and two
// vectors), and names the table: CK_TABLE, CK_NAME.

#include "CKernels.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT ON

#include "../kernels/vectors.h"  // CK_HALF, vfull, ifull, vhalf, ihalf

// An input is a float.
#define WORDS(channels) (channels)
#define WEIGHT(from, in) ((from)[(in) * in_stride])
#define MULTIPLY_ADD(sum, f, value) ((sum) + (f) * (value))
#define MULTIPLY_ADD_VECTOR(sum, f, value) ((sum) + (f) * (value))
#define MULTIPLY_ADD_vfull MULTIPLY_ADD
#define MULTIPLY_ADD_vhalf MULTIPLY_ADD
#include "../kernels/conv.h"  // packed_count, pack, transpose, conv, conv_weights; load_vector, UNROLL

#define T vfull
#define TI ifull
#define W CK_LANES
#define NAME(f) f##_full
#include "../widths/all.h"  // moments_full, ..., write_full: every kernel of widths/

#define T vhalf
#define TI ihalf
#define W CK_HALF
#define NAME(f) f##_half
#include "../widths/all.h"  // the same for half a vector: moments_half, ...

#define CK_SCALAR
#define T float
#define TI int32_t
#define W 1
#define NAME(f) f##_one
#include "../widths/all.h"  // and for one channel: moments_one, ...
#undef CK_SCALAR

#include "../kernels/winograd.h"      // winograd_filters, ..., winograd_taps; SLOTS
#include "../kernels/each_channel.h"  // EACH_CHANNEL
#include "../kernels/sources.h"       // read_source, write_sink, gradient_sums; twice
#include "../kernels/layers.h"        // moments, ..., depthwise_weights: widths/ for any channels
#include "../kernels/random.h"        // dropout
#include "../kernels/exponentials.h"  // exp_fast, expm1_fast, log1p_fast, sigmoid_of
#include "../kernels/activations.h"   // sigmoid, activation, activation_backward
#include "../kernels/losses.h"        // bce, dice, focal, lovasz, cross_entropy
#include "../kernels/optimizers.h"    // sum_squares, add, adam, momentum, average

const struct ck_kernels CK_TABLE = {
    .name = CK_NAME,
    .lanes = CK_LANES,
    .packed_count = packed_count,
    .pack = pack,
    .transpose = transpose,
    .conv = conv,
    .conv_weights = conv_weights,
    .winograd_filters = winograd_filters,
    .winograd_block = winograd_block,
    .winograd_pack = winograd_pack,
    .winograd_input = winograd_input,
    .winograd_sum_tiles = SLOTS * WINOGRAD_TILES,
    .winograd_sum_input = winograd_sum_input,
    .winograd_multiply = winograd_multiply,
    .winograd_result = winograd_result,
    .winograd_gradient = winograd_gradient,
    .winograd_sum = winograd_sum,
    .winograd_taps = winograd_taps,
    .depthwise = depthwise,
    .depthwise_weights = depthwise_weights,
    .moments = moments,
    .channel_sums = channel_sums,
    .scale_shift = scale_shift,
    .read = read_source,
    .write = write_sink,
    .gradient_sums = gradient_sums,
    .copy = copy,
    .max_pool = max_pool,
    .max_pool_backward = max_pool_backward,
    .dropout = dropout,
    .sigmoid = sigmoid,
    .add_images = add_images,
    .multiply = multiply,
    .multiply_pixels = multiply_pixels,
    .channel_products = channel_products,
    .pixel_products = pixel_products,
    .max_windows = max_windows,
    .max_windows_backward = max_windows_backward,
    .resample = resample,
    .activation = activation,
    .activation_backward = activation_backward,
    .bce = bce,
    .dice = dice,
    .focal = focal,
    .lovasz = lovasz,
    .cross_entropy = cross_entropy,
    .sum_squares = sum_squares,
    .add = add,
    .adam = adam,
    .momentum = momentum,
    .average = average,
};
