// The kernels of one width, for W channels at once held in a T: a vector of floats, or a float if
// CK_SCALAR is defined. TI is as wide and holds integers, NAME(f) is what `f` is called for this width.
// Included once for each width; undefines T, TI, W and NAME at the end.

#include "vector.h"  // load, store, where_positive, clamp, largest, add_to; CK_SPAN
#include "rows.h"    // read, write, gradient_sums, with CK_BFLOAT16 read_rounded
#ifndef CK_BFLOAT16
#include "channels.h"     // moments, channel_sums, scale_shift, copy
#include "elementwise.h"  // add_images, multiply, multiply_pixels, channel_products
#include "pooling.h"      // max_pool, max_windows, both with _backward, resample
#include "depthwise.h"    // depthwise, depthwise_weights
#endif

#undef T
#undef TI
#undef W
#undef NAME
