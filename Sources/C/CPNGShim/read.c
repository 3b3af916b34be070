// Decoding. libpng reports an error by longjmp; every function that may be jumped out of keeps its
// state in the reader, which the caller closes on every path.

#include "common.h"
#include <stdlib.h>
#include <string.h>

struct cpng_reader {
  png_structp png;
  png_infop info;
  const uint8_t *at;
  size_t left;
  cpng_header header;
  uint32_t row;
  size_t stride;
  uint8_t colours[256][4];
  const uint8_t *exif;
  size_t exif_count;
  char *message;
};

static void take(png_structp png, png_bytep target, size_t count) {
  cpng_reader *r = png_get_io_ptr(png);
  if (count > r->left) png_error(png, "the file ends too early");
  memcpy(target, r->at, count);
  r->at += count;
  r->left -= count;
}

static void fail(png_structp png, png_const_charp text) {
  cpng_reader *r = png_get_error_ptr(png);
  cpng_say(r->message, text);
  png_longjmp(png, 1);
}

static void read_palette(cpng_reader *r) {
  png_colorp colours = NULL;
  png_bytep alphas = NULL;
  int count = 0, alpha_count = 0;
  if (!png_get_PLTE(r->png, r->info, &colours, &count)) {
    png_error(r->png, "the palette is missing");
  }
  png_get_tRNS(r->png, r->info, &alphas, &alpha_count, NULL);
  r->header.colour_count = count < 256 ? count : 256;
  r->header.alpha_count = alphas && alpha_count < count ? alpha_count : alphas ? count : 0;
  for (int i = 0; i < r->header.colour_count; i++) {
    r->colours[i][0] = colours[i].red;
    r->colours[i][1] = colours[i].green;
    r->colours[i][2] = colours[i].blue;
    r->colours[i][3] = i < r->header.alpha_count ? alphas[i] : 255;
  }
}

static void read_header(cpng_reader *r) {
  png_set_read_fn(r->png, r, take);
  // How large a picture may be is decided by the caller, who sees the header first.
  png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  // Some encoders name a window smaller than the one they used; zlib reads such with its largest.
  png_set_option(r->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
  png_read_info(r->png, r->info);
  cpng_header *h = &r->header;
  h->width = png_get_image_width(r->png, r->info);
  h->height = png_get_image_height(r->png, r->info);
  h->bit_depth = png_get_bit_depth(r->png, r->info);
  h->channels = png_get_channels(r->png, r->info);
  h->is_palette = png_get_color_type(r->png, r->info) == PNG_COLOR_TYPE_PALETTE;
  h->is_interlaced = png_get_interlace_type(r->png, r->info) != PNG_INTERLACE_NONE;
  if (h->is_palette) read_palette(r);
#ifdef PNG_eXIf_SUPPORTED
  png_bytep exif = NULL;
  png_uint_32 count = 0;
  if (png_get_eXIf_1(r->png, r->info, &count, &exif)) {
    r->exif = exif;
    r->exif_count = count;
  }
#endif
}

static void begin(cpng_reader *r) {
  png_set_packing(r->png);
  const uint16_t one = 1;
  if (r->header.bit_depth == 16 && *(const uint8_t *)&one) png_set_swap(r->png);
  png_set_interlace_handling(r->png);
  png_read_update_info(r->png, r->info);
  r->stride = png_get_rowbytes(r->png, r->info);
}

static void read_rows(cpng_reader *r, uint8_t *rows, uint32_t count) {
  if (r->row == 0) begin(r);
  if (count > r->header.height - r->row || (r->header.is_interlaced && count < r->header.height)) {
    png_error(r->png, "rows were asked for that there aren't");
  }
  int passes = r->header.is_interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1;
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < count; y++) png_read_row(r->png, rows + y * r->stride, NULL);
  }
  r->row += count;
  if (r->row == r->header.height) png_read_end(r->png, NULL);
}

cpng_reader *cpng_open(const uint8_t *bytes, size_t count, cpng_header *header, char *message) {
  if (count < 8 || png_sig_cmp(bytes, 0, 8)) {
    cpng_say(message, "it is not a PNG file (the signature is missing)");
    return NULL;
  }
  cpng_reader *r = calloc(1, sizeof(*r));
  if (r) {
    r->at = bytes;
    r->left = count;
    r->message = message;
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, fail, cpng_ignore);
    if (r->png) r->info = png_create_info_struct(r->png);
  }
  if (!r || !r->info) {
    cpng_say(message, "there is not enough memory, or libpng is another version than at build time");
    cpng_close(r);
    return NULL;
  }
  // Nothing of this function's own changes between setjmp and longjmp.
  if (setjmp(png_jmpbuf(r->png))) {
    cpng_close(r);
    return NULL;
  }
  read_header(r);
  *header = r->header;
  return r;
}

int cpng_read_rows(cpng_reader *r, void *rows, uint32_t count, char *message) {
  r->message = message;
  if (setjmp(png_jmpbuf(r->png))) return -1;
  read_rows(r, rows, count);
  return 0;
}

void cpng_colour(const cpng_reader *r, int32_t index, uint8_t colour[4]) {
  memcpy(colour, r->colours[index & 255], 4);
}

const uint8_t *cpng_exif(const cpng_reader *r, size_t *count) {
  *count = r->exif_count;
  return r->exif;
}

void cpng_close(cpng_reader *r) {
  if (!r) return;
  if (r->png) png_destroy_read_struct(&r->png, &r->info, NULL);
  free(r);
}
