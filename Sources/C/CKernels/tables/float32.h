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
#include "../kernels/sources.h"       // read, write, gradient_sums; twice
#include "../kernels/layers.h"        // moments, ..., depthwise_weights: widths/ for any channels
#include "../kernels/random.h"        // dropout
#include "../kernels/exponentials.h"  // exp_fast, expm1_fast, log1p_fast, sigmoid_of
#include "../kernels/activations.h"   // sigmoid, activation, activation_backward
#include "../losses/spans.h"           // total, EACH_SPAN
#include "../losses/pixelwise.h"       // bce, dice, focal
#include "../losses/lovasz.h"          // lovasz, lovasz_class
#include "../losses/softmax.h"         // softmax, class_costs, class_sums, softmax_gradient, add_planes
#include "../kernels/optimizers.h"    // sum_squares, add, adam, momentum, average

const struct ck_kernels CK_TABLE = {
    .name = CK_NAME,
    .lanes = CK_LANES,
    .winograd_sum_tiles = SLOTS * WINOGRAD_TILES,
#define CK_ENTRY(result, name, parameters) .name = name,
#define CK_FLOAT32_ENTRY CK_ENTRY
#include "ck_entries.h"
};
