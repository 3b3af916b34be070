// libpng's errors as messages.

#include "common.h"
#include <string.h>

void cpng_say(char *message, const char *text) {
  strncpy(message, text, cpng_message_size - 1);
  message[cpng_message_size - 1] = 0;
}

void cpng_fail(png_structp png, png_const_charp text) {
  cpng_say(png_get_error_ptr(png), text);
  png_longjmp(png, 1);
}

void cpng_ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}
