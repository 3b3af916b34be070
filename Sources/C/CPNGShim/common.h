// What reading and writing share: how libpng's errors become a message.

#ifndef CPNG_COMMON_H
#define CPNG_COMMON_H

#include "CPNGShim.h"
#include <png.h>

/// Copies a text into a message, cut to its size.
void cpng_say(char *message, const char *text);

/// libpng's error door: keeps the text and jumps back.
PNG_NORETURN void cpng_fail(png_structp png, png_const_charp text);

/// libpng's warning door: a warning leaves the samples intact, so nobody is told.
void cpng_ignore(png_structp png, png_const_charp text);

#endif
