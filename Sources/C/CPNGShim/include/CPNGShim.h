// The part of libpng that needs setjmp, behind functions that return. Nothing of libpng shows here:
// a caller sees plain numbers and buffers, and a reader that it closes.

#ifndef CPNG_SHIM_H
#define CPNG_SHIM_H

#include <stddef.h>
#include <stdint.h>

enum { cpng_message_size = 200 };

/// What a PNG file says about its samples, as they stand in the file. `channels` is 1 grey (or the
/// index of a colour), 2 grey + alpha, 3 RGB, 4 RGBA.
typedef struct {
  uint32_t width;
  uint32_t height;
  int32_t channels;
  int32_t bit_depth;
  int32_t is_palette;
  int32_t is_interlaced;
  /// Colours of the palette, of which the first `alpha_count` have an alpha of their own.
  int32_t colour_count;
  int32_t alpha_count;
} cpng_header;

/// Bytes that the callee allocated; hand them to `cpng_release`.
typedef struct {
  uint8_t *bytes;
  size_t count;
} cpng_buffer;

/// A file being read, row by row.
typedef struct cpng_reader cpng_reader;

/// Reads the header of the file in `bytes`, which must stay until `cpng_close`.
/// Returns NULL with the reason in `message`, which has room for `cpng_message_size` bytes.
cpng_reader *cpng_open(const uint8_t *bytes, size_t count, cpng_header *header, char *message);

/// The colour of an index as red, green, blue, alpha.
void cpng_colour(const cpng_reader *reader, int32_t index, uint8_t colour[4]);

/// The Exif block before the pixels, or NULL; it stays as long as the reader.
const uint8_t *cpng_exif(const cpng_reader *reader, size_t *count);

/// Decodes the next rows from the top, channels interleaved, each sample as it stands in the file:
/// a byte each up to 8 bit, two in the machine's order for 16. An interlaced file gives all rows at
/// once and no others. Behind the last row the rest of the file is checked.
/// Returns 0, or -1 with the reason in `message`.
int cpng_read_rows(cpng_reader *reader, void *rows, uint32_t count, char *message);

/// Frees a reader; NULL is none.
void cpng_close(cpng_reader *reader);

/// Encodes samples, rows from the top, channels interleaved; a palette can't be written.
/// Returns 0 with the file in `out`, or -1 with the reason in `message` and nothing in `out`.
int cpng_write(const cpng_header *header, const uint16_t *samples, cpng_buffer *out, char *message);

/// Frees what `cpng_write` allocated.
void cpng_release(cpng_buffer *buffer);

#endif
