// Encoding, with every choice that shapes the bytes made here: no time, no text, fixed compression.

#include "common.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
  png_structp png;
  png_infop info;
  png_bytep row;
  cpng_buffer out;
  size_t capacity;
} writer;

static void put(png_structp png, png_bytep bytes, size_t count) {
  writer *w = png_get_io_ptr(png);
  if (count > w->capacity - w->out.count) {
    size_t capacity = 2 * (w->out.count + count);
    uint8_t *grown = realloc(w->out.bytes, capacity);
    if (!grown) png_error(png, "there is not enough memory");
    w->out.bytes = grown;
    w->capacity = capacity;
  }
  memcpy(w->out.bytes + w->out.count, bytes, count);
  w->out.count += count;
}

static void flush(png_structp png) { (void)png; }

static void write_image(writer *w, const cpng_header *header, const uint16_t *samples) {
  static const int colour_types[] = {
      PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  png_set_IHDR(
      w->png, w->info, header->width, header->height, header->bit_depth,
      colour_types[header->channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
      PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(w->png, 6);
  png_set_filter(
      w->png, PNG_FILTER_TYPE_BASE, header->bit_depth < 8 ? PNG_FILTER_NONE : PNG_ALL_FILTERS);
  png_write_info(w->png, w->info);
  png_set_packing(w->png);
  size_t length = (size_t)header->width * (size_t)header->channels;
  w->row = png_malloc(w->png, 2 * length);
  for (uint32_t y = 0; y < header->height; y++) {
    const uint16_t *line = samples + y * length;
    for (size_t x = 0; x < length; x++) {
      if (header->bit_depth == 16) {
        w->row[2 * x] = (png_byte)(line[x] >> 8);
        w->row[2 * x + 1] = (png_byte)line[x];
      } else {
        w->row[x] = (png_byte)line[x];
      }
    }
    png_write_row(w->png, w->row);
  }
  png_write_end(w->png, NULL);
}

/// The one function with a setjmp. Its own variables are not touched between setjmp and longjmp.
static int run(writer *w, const cpng_header *header, const uint16_t *samples) {
  if (setjmp(png_jmpbuf(w->png))) return -1;
  png_set_write_fn(w->png, w, put, flush);
  write_image(w, header, samples);
  return 0;
}

int cpng_write(const cpng_header *header, const uint16_t *samples, cpng_buffer *out, char *message) {
  writer w = {0};
  w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, cpng_fail, cpng_ignore);
  if (w.png) w.info = png_create_info_struct(w.png);
  int status = -1;
  if (w.info) {
    status = run(&w, header, samples);
    png_free(w.png, w.row);
  } else {
    cpng_say(message, "there is not enough memory, or libpng is another version than at build time");
  }
  if (w.png) png_destroy_write_struct(&w.png, &w.info);
  *out = w.out;
  if (status) cpng_release(out);
  return status;
}

void cpng_release(cpng_buffer *buffer) {
  free(buffer->bytes);
  buffer->bytes = NULL;
  buffer->count = 0;
}
