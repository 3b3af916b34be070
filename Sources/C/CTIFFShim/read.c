// Decoding rows, tiles, and what libtiff converts to colours itself.

#include "common.h"
#include <string.h>

int ctiff_read_row(ctiff_reader *r, void *row, uint32_t y, int32_t plane, char *message) {
  r->message = message;
  message[0] = 0;
  return TIFFReadScanline(r->tiff, row, y, (uint16_t)plane) == 1 ? 0 : ctiff_failed(r);
}

int ctiff_read_tile(
    ctiff_reader *r, void *tile, size_t size, uint32_t x, uint32_t y, int32_t plane, char *message) {
  r->message = message;
  message[0] = 0;
  // Also what a damaged tile leaves unwritten is the same at every reading.
  memset(tile, 0, size);
  uint32_t index = TIFFComputeTile(r->tiff, x, y, 0, (uint16_t)plane);
  return TIFFReadEncodedTile(r->tiff, index, tile, (tmsize_t)size) < 0 ? ctiff_failed(r) : 0;
}

int ctiff_read_rgba(ctiff_reader *r, const ctiff_page *page, uint8_t *pixels, char *message) {
  r->message = message;
  message[0] = 0;
  if (!TIFFReadRGBAImageOriented(
          r->tiff, page->width, page->height, (uint32_t *)(void *)pixels, page->orientation, 1)) {
    return ctiff_failed(r);
  }
  size_t count = (size_t)page->width * page->height;
  for (size_t i = 0; i < count; i++) {
    uint32_t pixel;
    memcpy(&pixel, pixels + 4 * i, 4);
    pixels[4 * i] = (uint8_t)TIFFGetR(pixel);
    pixels[4 * i + 1] = (uint8_t)TIFFGetG(pixel);
    pixels[4 * i + 2] = (uint8_t)TIFFGetB(pixel);
    pixels[4 * i + 3] = (uint8_t)TIFFGetA(pixel);
  }
  return 0;
}
