// What opening, describing and reading share.

#ifndef CTIFF_COMMON_H
#define CTIFF_COMMON_H

#include "CTIFFShim.h"
#include <tiffio.h>

struct ctiff_reader {
  TIFF *tiff;
  const uint8_t *bytes;
  uint64_t count;
  uint64_t at;
  /// Where the call that runs wants libtiff's words.
  char *message;
};

/// Puts a text into the call's message. Returns -1.
int ctiff_say(ctiff_reader *r, const char *text);

/// What a failed call returns: -1, with libtiff's words or, where it had none, ours.
int ctiff_failed(ctiff_reader *r);

#endif
