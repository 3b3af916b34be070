// What the pages of a file hold.

#include "common.h"
#include <stdio.h>

int ctiff_next(ctiff_reader *r, char *message) {
  r->message = message;
  message[0] = 0;
  if (TIFFLastDirectory(r->tiff)) return 0;
  return TIFFReadDirectory(r->tiff) ? 1 : ctiff_failed(r);
}

uint64_t ctiff_offset(ctiff_reader *r) { return TIFFCurrentDirOffset(r->tiff); }

int ctiff_go(ctiff_reader *r, uint64_t offset, char *message) {
  r->message = message;
  message[0] = 0;
  if (TIFFCurrentDirOffset(r->tiff) == offset) return 0;
  return TIFFSetSubDirectory(r->tiff, offset) ? 0 : ctiff_failed(r);
}

static uint16_t number(TIFF *tiff, uint32_t tag) {
  uint16_t value = 0;
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

static int kind(TIFF *tiff) {
  switch (number(tiff, TIFFTAG_SAMPLEFORMAT)) {
  case SAMPLEFORMAT_UINT:
  case SAMPLEFORMAT_VOID:
    return ctiff_unsigned;
  case SAMPLEFORMAT_INT:
    return ctiff_signed;
  case SAMPLEFORMAT_IEEEFP:
    return ctiff_float;
  default:
    return ctiff_other;
  }
}

static int meaning(int photometric) {
  switch (photometric) {
  case PHOTOMETRIC_MINISWHITE:
    return ctiff_white_is_zero;
  case PHOTOMETRIC_MINISBLACK:
  case PHOTOMETRIC_MASK:
  case PHOTOMETRIC_CFA:
    return ctiff_black_is_zero;
  case PHOTOMETRIC_RGB:
    return ctiff_rgb;
  case PHOTOMETRIC_PALETTE:
    return ctiff_palette;
  case PHOTOMETRIC_SEPARATED:
    return ctiff_cmyk;
  default:
    return ctiff_unknown_meaning;
  }
}

static uint64_t ratio(int compression) {
  switch (compression) {
  case COMPRESSION_NONE:
    return 1;
  case COMPRESSION_PACKBITS:
    return 128;
  case COMPRESSION_ADOBE_DEFLATE:
  case COMPRESSION_DEFLATE:
    return 1100;
  case COMPRESSION_LZW:
    // A code of 12 bits stands for 4096 bytes at most.
    return 2800;
  default:
    return 1 << 20;
  }
}

int ctiff_describe(ctiff_reader *r, ctiff_page *page, char *message) {
  TIFF *tiff = r->tiff;
  r->message = message;
  message[0] = 0;
  *page = (ctiff_page){0};
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &page->width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &page->height);
  if (!page->width || !page->height) return ctiff_say(r, "a page has no size");
  int compression = number(tiff, TIFFTAG_COMPRESSION);
  if (!TIFFIsCODECConfigured((uint16_t)compression)) {
    snprintf(message, ctiff_message_size, "libtiff here can't read its compression (number %d)",
             compression);
    return -1;
  }
  uint16_t photometric = 0;
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric)) photometric = PHOTOMETRIC_MINISBLACK;
  page->samples_per_pixel = number(tiff, TIFFTAG_SAMPLESPERPIXEL);
  page->bits = number(tiff, TIFFTAG_BITSPERSAMPLE);
  page->kind = kind(tiff);
  page->photometric = photometric;
  page->meaning = meaning(photometric);
  page->orientation = number(tiff, TIFFTAG_ORIENTATION);
  page->is_separate =
      page->samples_per_pixel > 1 && number(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
  page->ratio = ratio(compression);
  uint32_t subfile = 0;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SUBFILETYPE, &subfile);
  page->is_secondary = (subfile & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
  uint16_t extra_count = 0, *extras = NULL;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extras);
  page->has_alpha = extra_count > 0 && page->samples_per_pixel > 1 &&
                    (extras[extra_count - 1] == EXTRASAMPLE_ASSOCALPHA ||
                     extras[extra_count - 1] == EXTRASAMPLE_UNASSALPHA);
  if (photometric == PHOTOMETRIC_YCBCR) {
    if (compression == COMPRESSION_JPEG && !page->is_separate) {
      TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      page->meaning = ctiff_rgb;
    } else {
      page->is_rgba_only = 1;
    }
  }
  if (compression == COMPRESSION_OJPEG) page->is_rgba_only = 1;
  page->row_bytes = TIFFScanlineSize64(tiff);
  if (TIFFIsTiled(tiff)) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &page->tile_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &page->tile_height);
    page->tile_bytes = TIFFTileSize64(tiff);
    if (!page->tile_width || !page->tile_height) return ctiff_say(r, "its tiles have no size");
  }
  return 0;
}

int ctiff_colours(ctiff_reader *r, uint8_t *colours, size_t count, char *message) {
  r->message = message;
  message[0] = 0;
  const uint16_t *maps[3] = {0};
  if (!TIFFGetField(r->tiff, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2])) {
    return ctiff_say(r, "the palette is missing");
  }
  if (count != (size_t)1 << number(r->tiff, TIFFTAG_BITSPERSAMPLE)) {
    return ctiff_say(r, "the palette has another size than its samples");
  }
  // Some writers put values of 8 bit where those of 16 bit belong.
  int shift = 0;
  for (size_t i = 0; i < count; i++) {
    for (int c = 0; c < 3; c++) {
      if (maps[c][i] > 255) shift = 8;
    }
  }
  for (size_t i = 0; i < count; i++) {
    for (int c = 0; c < 3; c++) colours[3 * i + c] = (uint8_t)(maps[c][i] >> shift);
  }
  return 0;
}
