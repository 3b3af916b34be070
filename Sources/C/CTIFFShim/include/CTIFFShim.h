// libtiff's variadic functions, callbacks and messages behind functions of plain numbers and buffers.
// A file is read from memory; nothing is printed.

#ifndef CTIFF_SHIM_H
#define CTIFF_SHIM_H

#include <stddef.h>
#include <stdint.h>

enum { ctiff_message_size = 200 };

/// What a sample is.
enum { ctiff_unsigned = 1, ctiff_signed = 2, ctiff_float = 3, ctiff_other = 4 };

/// What samples mean.
enum {
  ctiff_white_is_zero,
  ctiff_black_is_zero,
  ctiff_rgb,
  ctiff_palette,
  ctiff_cmyk,
  ctiff_unknown_meaning,
};

/// One page (directory) as rows or tiles give it.
typedef struct {
  uint32_t width, height;
  int32_t samples_per_pixel;
  int32_t bits;
  int32_t kind;
  int32_t meaning;
  /// The number that the file has for the meaning.
  int32_t photometric;
  int32_t orientation;
  /// Whether the last sample is alpha.
  int32_t has_alpha;
  /// Whether each sample has a plane of its own.
  int32_t is_separate;
  /// A smaller copy of another page, or its mask.
  int32_t is_secondary;
  /// Whether only `ctiff_read_rgba` reads it.
  int32_t is_rgba_only;
  /// 0 where the page is in strips.
  uint32_t tile_width, tile_height;
  /// Bytes of a row (of one plane, if separate), and of a tile.
  uint64_t row_bytes, tile_bytes;
  /// How much a byte of the file may hold at most by the page's compression.
  uint64_t ratio;
} ctiff_page;

/// A file being read.
typedef struct ctiff_reader ctiff_reader;

/// The library's version, as in "4.5.0".
const char *ctiff_version(void);

/// Opens the file in `bytes`, which must stay until `ctiff_close`, at its first page.
/// Returns NULL with the reason in `message`, which has room for `ctiff_message_size` bytes.
ctiff_reader *ctiff_open(const uint8_t *bytes, size_t count, char *message);

/// Goes to the next page. Returns 1, 0 behind the last one, or -1 with the reason in `message`.
int ctiff_next(ctiff_reader *reader, char *message);

/// Where in the file the page's directory is, and the way back to it (0, or -1 with the reason).
uint64_t ctiff_offset(ctiff_reader *reader);
int ctiff_go(ctiff_reader *reader, uint64_t offset, char *message);

/// Describes the page. Returns 0, or -1 with the reason in `message`.
int ctiff_describe(ctiff_reader *reader, ctiff_page *page, char *message);

/// The palette's colours, `1 << bits` of three values, in 8 bit. Returns 0, or -1 with the reason.
int ctiff_colours(ctiff_reader *reader, uint8_t *colours, size_t count, char *message);

/// Decodes a row of a page in strips; the rows of one plane go downwards.
int ctiff_read_row(ctiff_reader *reader, void *row, uint32_t y, int32_t plane, char *message);

/// Decodes the tile that holds a pixel.
int ctiff_read_tile(
    ctiff_reader *reader, void *tile, size_t size, uint32_t x, uint32_t y, int32_t plane, char *message);

/// Decodes a whole page as red, green, blue, alpha of 8 bit, `width * height` times.
int ctiff_read_rgba(ctiff_reader *reader, const ctiff_page *page, uint8_t *pixels, char *message);

/// Frees a reader; NULL is none.
void ctiff_close(ctiff_reader *reader);

#endif
