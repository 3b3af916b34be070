// The part of libjpeg that needs setjmp, behind functions that return. Nothing of libjpeg shows here:
// a caller sees plain numbers and buffers, and a reader that it closes.

#ifndef CJPEG_SHIM_H
#define CJPEG_SHIM_H

#include <stddef.h>
#include <stdint.h>

enum { cjpeg_message_size = 200 };

/// What a JPEG file decodes to, in 8 bit. `channels` is 1 grey, 3 RGB, 4 cyan, magenta, yellow,
/// black as the file has them (most write them inverted), or another count without a meaning.
typedef struct {
  uint32_t width;
  uint32_t height;
  int32_t channels;
  /// Whether the file has several scans, whose coefficients are all in memory before the first row comes.
  int32_t is_progressive;
} cjpeg_header;

/// A file being read, row by row.
typedef struct cjpeg_reader cjpeg_reader;

/// The library's name and version.
const char *cjpeg_version(void);

/// Reads the header of the file in `bytes`, which must stay until `cjpeg_close`.
/// Returns NULL with the reason in `message`, which has room for `cjpeg_message_size` bytes.
cjpeg_reader *cjpeg_open(const uint8_t *bytes, size_t count, cjpeg_header *header, char *message);

/// The Exif block's TIFF structure, or NULL; it stays as long as the reader.
const uint8_t *cjpeg_exif(const cjpeg_reader *reader, size_t *count);

/// Decodes the next rows from the top, channels interleaved, by the integer transform ("islow") and
/// smooth upsampling. Damage is an error, as is a file that ends too early.
/// Returns 0, or -1 with the reason in `message`.
int cjpeg_read_rows(cjpeg_reader *reader, uint8_t *rows, uint32_t count, char *message);

/// Frees a reader; NULL is none.
void cjpeg_close(cjpeg_reader *reader);

#endif
