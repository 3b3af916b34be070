// A file in memory as libtiff's client, and what libtiff says about it.

#include "common.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// More than any row, strip or tile that is read has; libtiff refuses to set aside more at once.
static const tmsize_t most_memory = (tmsize_t)1 << 31;

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
const char *ctiff_version(void) {
#ifdef TIFFLIB_MAJOR_VERSION
  return TEXT(TIFFLIB_MAJOR_VERSION) "." TEXT(TIFFLIB_MINOR_VERSION) "." TEXT(TIFFLIB_MICRO_VERSION);
#else
  return TEXT(TIFFLIB_VERSION);
#endif
}

int ctiff_say(ctiff_reader *r, const char *text) {
  strncpy(r->message, text, ctiff_message_size - 1);
  r->message[ctiff_message_size - 1] = 0;
  return -1;
}

int ctiff_failed(ctiff_reader *r) {
  return r->message[0] ? -1 : ctiff_say(r, "it is damaged");
}

/// Keeps the first message of a call, which is the cause of those that follow.
static void hear(ctiff_reader *r, const char *format, va_list arguments) {
  if (!r || !r->message || r->message[0]) return;
  vsnprintf(r->message, ctiff_message_size, format, arguments);
}

static tmsize_t take(thandle_t client, void *target, tmsize_t count) {
  ctiff_reader *r = client;
  size_t left = r->at < r->count ? r->count - r->at : 0;
  size_t some = count < 0 ? 0 : (size_t)count < left ? (size_t)count : left;
  if (some > 0) memcpy(target, r->bytes + r->at, some);
  r->at += some;
  return (tmsize_t)some;
}

static tmsize_t put(thandle_t client, void *bytes, tmsize_t count) {
  (void)client, (void)bytes, (void)count;
  return 0;
}

static toff_t seek(thandle_t client, toff_t offset, int whence) {
  ctiff_reader *r = client;
  r->at = whence == SEEK_CUR ? r->at + offset : whence == SEEK_END ? r->count + offset : offset;
  return r->at;
}

static int leave(thandle_t client) {
  (void)client;
  return 0;
}

static toff_t size(thandle_t client) { return ((ctiff_reader *)client)->count; }

static int map(thandle_t client, void **base, toff_t *count) {
  ctiff_reader *r = client;
  *base = (void *)r->bytes;
  *count = r->count;
  return 1;
}

static void unmap(thandle_t client, void *base, toff_t count) {
  (void)client, (void)base, (void)count;
}

#if TIFFLIB_VERSION >= 20221213
static int hear_error(
    TIFF *tiff, void *client, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)module;
  hear(client, format, arguments);
  return 1;
}

static int hear_warning(
    TIFF *tiff, void *client, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)client, (void)module, (void)format, (void)arguments;
  return 1;
}

static TIFF *open_client(ctiff_reader *r) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, hear_error, r);
  TIFFOpenOptionsSetWarningHandlerExtR(options, hear_warning, r);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, most_memory);
  TIFF *tiff =
      TIFFClientOpenExt("", "r", r, take, put, seek, leave, size, map, unmap, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}
#else
// Before 4.5 there are only handlers for all files, which are told the client of the one concerned.
static void hear_error(thandle_t client, const char *module, const char *format, va_list arguments) {
  (void)module;
  hear(client, format, arguments);
}

static TIFF *open_client(ctiff_reader *r) {
  (void)most_memory;
  TIFFSetErrorHandler(NULL);
  TIFFSetWarningHandler(NULL);
  TIFFSetErrorHandlerExt(hear_error);
  return TIFFClientOpen("", "r", r, take, put, seek, leave, size, map, unmap);
}
#endif

ctiff_reader *ctiff_open(const uint8_t *bytes, size_t count, char *message) {
  ctiff_reader *r = calloc(1, sizeof(*r));
  message[0] = 0;
  if (!r) {
    strncpy(message, "there is not enough memory", ctiff_message_size - 1);
    return NULL;
  }
  r->bytes = bytes;
  r->count = count;
  r->message = message;
  r->tiff = open_client(r);
  if (r->tiff) return r;
  ctiff_failed(r);
  free(r);
  return NULL;
}

void ctiff_close(ctiff_reader *r) {
  if (!r) return;
  r->message = NULL;
  TIFFClose(r->tiff);
  free(r);
}
