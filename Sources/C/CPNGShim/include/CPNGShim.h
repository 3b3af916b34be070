// The part of libpng that needs setjmp, behind functions that return. Nothing of libpng shows here:
// a caller sees plain numbers and buffers, and owns no handle.

#ifndef CPNG_SHIM_H
#define CPNG_SHIM_H

#include <stddef.h>
#include <stdint.h>

enum { cpng_message_size = 200 };

/// What a PNG file says about its samples. `channels` is 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA;
/// a palette counts as the RGB or RGBA of 8 bit that it expands to.
typedef struct {
  uint32_t width;
  uint32_t height;
  int32_t channels;
  int32_t bit_depth;
} cpng_header;

/// Bytes that the callee allocated; hand them to `cpng_release`.
typedef struct {
  uint8_t *bytes;
  size_t count;
} cpng_buffer;

/// Reads the header of the file in `bytes`.
/// Returns 0, or -1 with the reason in `message`, which has room for `cpng_message_size` bytes.
int cpng_read_header(const uint8_t *bytes, size_t count, cpng_header *header, char *message);

/// Decodes the file in `bytes` into `samples`, rows from the top, channels interleaved, each sample
/// as it stands in the file. `capacity` must be width * height * channels of the header.
/// Returns 0, or -1 with the reason in `message`.
int cpng_read_samples(
    const uint8_t *bytes, size_t count, uint16_t *samples, size_t capacity, char *message);

/// Encodes samples laid out as `cpng_read_samples` gives them.
/// Returns 0 with the file in `out`, or -1 with the reason in `message` and nothing in `out`.
int cpng_write(const cpng_header *header, const uint16_t *samples, cpng_buffer *out, char *message);

/// Frees what `cpng_write` allocated.
void cpng_release(cpng_buffer *buffer);

#endif
