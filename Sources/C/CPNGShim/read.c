// Decoding. libpng reports an error by longjmp; every function that may be jumped out of keeps its
// state in the `reader`, which the outermost function frees on every path.

#include "common.h"
#include <string.h>

typedef struct {
  png_structp png;
  png_infop info;
  png_bytep pixels;
  png_bytepp rows;
  const uint8_t *at;
  size_t left;
} reader;

static void take(png_structp png, png_bytep target, size_t count) {
  reader *r = png_get_io_ptr(png);
  if (count > r->left) png_error(png, "the file ends too early");
  memcpy(target, r->at, count);
  r->at += count;
  r->left -= count;
}

static int is_palette(reader *r) {
  return png_get_color_type(r->png, r->info) == PNG_COLOR_TYPE_PALETTE;
}

static void read_header(reader *r, cpng_header *header) {
  png_read_info(r->png, r->info);
  header->width = png_get_image_width(r->png, r->info);
  header->height = png_get_image_height(r->png, r->info);
  header->bit_depth = is_palette(r) ? 8 : png_get_bit_depth(r->png, r->info);
  header->channels = png_get_channels(r->png, r->info);
  if (is_palette(r)) {
    header->channels = png_get_valid(r->png, r->info, PNG_INFO_tRNS) ? 4 : 3;
  }
}

static void expand_palette(reader *r, uint16_t *samples, size_t count) {
  png_colorp colours = NULL;
  png_bytep alphas = NULL;
  int colour_count = 0, alpha_count = 0;
  if (!png_get_PLTE(r->png, r->info, &colours, &colour_count)) {
    png_error(r->png, "the palette is missing");
  }
  png_get_tRNS(r->png, r->info, &alphas, &alpha_count, NULL);
  for (size_t i = 0; i < count; i++) {
    int index = r->pixels[i];
    // libpng would paint such a pixel black and only warn.
    if (index >= colour_count) png_error(r->png, "a pixel names a colour that the palette lacks");
    *samples++ = colours[index].red;
    *samples++ = colours[index].green;
    *samples++ = colours[index].blue;
    if (alphas) *samples++ = index < alpha_count ? alphas[index] : 255;
  }
}

static void read_samples(reader *r, uint16_t *samples, size_t capacity) {
  cpng_header header;
  read_header(r, &header);
  size_t pixels = (size_t)header.width * header.height;
  if (pixels * (size_t)header.channels != capacity) {
    png_error(r->png, "the header changed between two readings");
  }
  png_set_packing(r->png);
  png_set_interlace_handling(r->png);
  png_read_update_info(r->png, r->info);
  size_t stride = png_get_rowbytes(r->png, r->info);
  r->pixels = png_malloc(r->png, stride * header.height);
  r->rows = png_malloc(r->png, sizeof(png_bytep) * header.height);
  for (size_t y = 0; y < header.height; y++) r->rows[y] = r->pixels + y * stride;
  png_read_image(r->png, r->rows);
  png_read_end(r->png, NULL);
  if (is_palette(r)) {
    expand_palette(r, samples, pixels);
  } else if (header.bit_depth == 16) {
    for (size_t i = 0; i < capacity; i++) {
      samples[i] = (uint16_t)(r->pixels[2 * i] << 8 | r->pixels[2 * i + 1]);
    }
  } else {
    for (size_t i = 0; i < capacity; i++) samples[i] = r->pixels[i];
  }
}

/// The one function with a setjmp. Its own variables are not touched between setjmp and longjmp.
static int run(reader *r, cpng_header *header, uint16_t *samples, size_t capacity) {
  if (setjmp(png_jmpbuf(r->png))) return -1;
  png_set_read_fn(r->png, r, take);
  // How large a picture may be is decided by the caller, who sees the header first.
  png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  if (samples) {
    read_samples(r, samples, capacity);
  } else {
    read_header(r, header);
  }
  return 0;
}

static int start(
    const uint8_t *bytes, size_t count, cpng_header *header, uint16_t *samples, size_t capacity,
    char *message) {
  if (count < 8 || png_sig_cmp(bytes, 0, 8)) {
    cpng_say(message, "it is not a PNG file (the signature is missing)");
    return -1;
  }
  reader r = {.at = bytes, .left = count};
  r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, cpng_fail, cpng_ignore);
  if (r.png) r.info = png_create_info_struct(r.png);
  int status = -1;
  if (r.info) {
    status = run(&r, header, samples, capacity);
    png_free(r.png, r.rows);
    png_free(r.png, r.pixels);
  } else {
    cpng_say(message, "there is not enough memory, or libpng is another version than at build time");
  }
  if (r.png) png_destroy_read_struct(&r.png, &r.info, NULL);
  return status;
}

int cpng_read_header(const uint8_t *bytes, size_t count, cpng_header *header, char *message) {
  return start(bytes, count, header, NULL, 0, message);
}

int cpng_read_samples(
    const uint8_t *bytes, size_t count, uint16_t *samples, size_t capacity, char *message) {
  return start(bytes, count, NULL, samples, capacity, message);
}
