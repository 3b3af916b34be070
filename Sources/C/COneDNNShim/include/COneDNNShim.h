// Convolution by oneDNN (2.x or 3.x), with nothing of the library's API showing. Images are NHWC
// without gaps; weights are packed in whatever order the library's kernel wants.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The number format of images and packed weights. Sums are float32.
enum cd_precision { CD_FLOAT32, CD_BFLOAT16 };

struct cd_geometry {
  enum cd_precision precision;
  int64_t images;                          // of a call
  int64_t height, width, channels;         // of the input
  int64_t out_height, out_width, filters;  // of the result
  int64_t kernel, stride, dilation, padding;
  int filters_first;  // plain weights are [kh][kw][filters][channels], else [kh][kw][channels][filters]
};

enum cd_pass { CD_FORWARD, CD_BACKWARD_DATA, CD_BACKWARD_WEIGHTS };

/// One pass of one convolution. May be run by several threads at once.
struct cd_convolution;

/// The library's version, for example 2.6.3.
const char *cd_version(void);
/// The instruction set that it chose for this processor, on which a result's last bits depend.
const char *cd_instruction_set(void);

/// Bytes of an implementation's name.
enum { CD_NAME_SIZE = 64 };

/// Null where the library has no kernel, or only its reference kernel, which is slower by a factor of
/// a thousand. `name` is set to the kernel's name, as the library gives it; empty if there is none.
struct cd_convolution *cd_create(const struct cd_geometry *g, enum cd_pass pass, char *name);
void cd_free(struct cd_convolution *c);
/// Bytes of packed weights (in the pass's precision), or of packed gradients (float32).
size_t cd_packed_size(const struct cd_convolution *c);
/// Bytes of scratch memory of a run.
size_t cd_scratch_size(const struct cd_convolution *c);
/// Whether two passes take the same packed weights, or give the same packed gradients.
int cd_same_packing(const struct cd_convolution *a, const struct cd_convolution *b);
/// Packs plain weights; for the backward pass by weights, as float32.
int cd_pack(const struct cd_convolution *c, const float *weights, void *packed);

/// Forward: y (float32) from x and weights. Backward by data: x (float32) from y and weights.
/// Backward by weights: weights (float32) from x and y. The others are in the pass's precision. On
/// this thread alone. Returns 0 or the library's error.
int cd_run(const struct cd_convolution *c, void *x, void *weights, void *y, void *scratch);
