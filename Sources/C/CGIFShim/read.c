// Decoding, one frame after the other.

#include "CGIFShim.h"
#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

struct cgif_reader {
  GifFileType *gif;
  const uint8_t *at;
  size_t left;
};

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
const char *cgif_version(void) {
  return TEXT(GIFLIB_MAJOR) "." TEXT(GIFLIB_MINOR) "." TEXT(GIFLIB_RELEASE);
}

static int take(GifFileType *gif, GifByteType *target, int count) {
  cgif_reader *r = gif->UserData;
  size_t some = count < 0 ? 0 : (size_t)count;
  if (some > r->left) some = r->left;
  if (some > 0) memcpy(target, r->at, some);
  r->at += some;
  r->left -= some;
  return (int)some;
}

static int say(char *message, const char *text) {
  strncpy(message, text, cgif_message_size - 1);
  message[cgif_message_size - 1] = 0;
  return -1;
}

/// What went wrong, in words: giflib tells a file that ended as one that can't be read.
static int fail(cgif_reader *r, char *message) {
  const char *text = GifErrorString(r->gif->Error);
  return say(message, r->left == 0 ? "the file ends too early" : text ? text : "it is damaged");
}

cgif_reader *cgif_open(const uint8_t *bytes, size_t count, cgif_screen *screen, char *message) {
  cgif_reader *r = calloc(1, sizeof(*r));
  if (!r) {
    say(message, "there is not enough memory");
    return NULL;
  }
  r->at = bytes;
  r->left = count;
  int error = 0;
  r->gif = DGifOpen(r, take, &error);
  if (!r->gif) {
    const char *text = GifErrorString(error);
    say(message, r->left == 0 ? "the file ends too early" : text ? text : "it is damaged");
    free(r);
    return NULL;
  }
  screen->width = r->gif->SWidth;
  screen->height = r->gif->SHeight;
  screen->background = r->gif->SBackGroundColor;
  screen->has_palette = r->gif->SColorMap != NULL;
  return r;
}

static int pass_extensions(cgif_reader *r, GraphicsControlBlock *control, char *message) {
  int code = 0;
  GifByteType *block = NULL;
  if (DGifGetExtension(r->gif, &code, &block) == GIF_ERROR) return fail(r, message);
  while (block) {
    if (code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4) {
      DGifExtensionToGCB(block[0], block + 1, control);
    }
    if (DGifGetExtensionNext(r->gif, &block) == GIF_ERROR) return fail(r, message);
  }
  return 0;
}

static int describe(cgif_reader *r, const GraphicsControlBlock *control, cgif_frame *frame, char *message) {
  if (DGifGetImageDesc(r->gif) == GIF_ERROR) return fail(r, message);
  const GifImageDesc *image = &r->gif->Image;
  const ColorMapObject *map = image->ColorMap ? image->ColorMap : r->gif->SColorMap;
  if (!map) return say(message, "a frame has no palette");
  frame->left = image->Left;
  frame->top = image->Top;
  frame->width = image->Width;
  frame->height = image->Height;
  frame->is_interlaced = image->Interlace;
  frame->transparent = control->TransparentColor;
  frame->disposal = control->DisposalMode;
  frame->colour_count = map->ColorCount < 256 ? map->ColorCount : 256;
  for (int i = 0; i < frame->colour_count; i++) {
    frame->colours[i][0] = map->Colors[i].Red;
    frame->colours[i][1] = map->Colors[i].Green;
    frame->colours[i][2] = map->Colors[i].Blue;
  }
  return 1;
}

int cgif_next(cgif_reader *r, cgif_frame *frame, char *message) {
  GraphicsControlBlock control = {.TransparentColor = NO_TRANSPARENT_COLOR};
  for (;;) {
    GifRecordType kind = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(r->gif, &kind) == GIF_ERROR) return fail(r, message);
    switch (kind) {
    case TERMINATE_RECORD_TYPE:
      return 0;
    case IMAGE_DESC_RECORD_TYPE:
      return describe(r, &control, frame, message);
    case EXTENSION_RECORD_TYPE:
      if (pass_extensions(r, &control, message)) return -1;
      break;
    default:
      break;
    }
  }
}

int cgif_read(cgif_reader *r, uint8_t *indices, size_t count, char *message) {
  while (count > 0) {
    int some = count < (1 << 20) ? (int)count : 1 << 20;
    if (DGifGetLine(r->gif, indices, some) == GIF_ERROR) return fail(r, message);
    indices += some;
    count -= (size_t)some;
  }
  return 0;
}

int cgif_skip(cgif_reader *r, char *message) {
  int size = 0;
  GifByteType *block = NULL;
  if (DGifGetCode(r->gif, &size, &block) == GIF_ERROR) return fail(r, message);
  while (block) {
    if (DGifGetCodeNext(r->gif, &block) == GIF_ERROR) return fail(r, message);
  }
  return 0;
}

void cgif_close(cgif_reader *r) {
  if (!r) return;
  int error = 0;
  DGifCloseFile(r->gif, &error);
  free(r);
}
