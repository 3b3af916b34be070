// Decoding. libjpeg reports an error by a function that must not return; it jumps to the function of
// ours that was entered last. The state is in the reader, which the caller closes on every path.

#include "CJPEGShim.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

struct cjpeg_reader {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf door;
  char *message;
  int started;
};

/// More scans than any encoder writes: a small file of many scans would keep a processor busy for hours.
enum { most_scans = 500 };

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
const char *cjpeg_version(void) {
#ifdef LIBJPEG_TURBO_VERSION
  return TEXT(LIBJPEG_TURBO_VERSION);
#else
  return TEXT(JPEG_LIB_VERSION);
#endif
}

static void say(cjpeg_reader *r, const char *text) {
  strncpy(r->message, text, cjpeg_message_size - 1);
  r->message[cjpeg_message_size - 1] = 0;
}

static void fail(j_common_ptr jpeg) {
  cjpeg_reader *r = jpeg->client_data;
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  say(r, text);
  longjmp(r->door, 1);
}

/// A warning that leaves wrong pixels is an error; the others are nothing to tell.
static void hear(j_common_ptr jpeg, int level) {
  cjpeg_reader *r = jpeg->client_data;
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
  case JWRN_JPEG_EOF:
    say(r, "the file ends too early");
    longjmp(r->door, 1);
  case JWRN_ARITH_BAD_CODE:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_MUST_RESYNC:
    fail(jpeg);
  default:
    break;
  }
}

static void print_nothing(j_common_ptr jpeg) { (void)jpeg; }

static void watch(j_common_ptr jpeg) {
  cjpeg_reader *r = jpeg->client_data;
  if (((j_decompress_ptr)jpeg)->input_scan_number > most_scans) {
    say(r, "it has more than 500 scans");
    longjmp(r->door, 1);
  }
}

cjpeg_reader *cjpeg_open(const uint8_t *bytes, size_t count, cjpeg_header *header, char *message) {
  cjpeg_reader *r = calloc(1, sizeof(*r));
  if (!r) {
    strncpy(message, "there is not enough memory", cjpeg_message_size - 1);
    return NULL;
  }
  r->message = message;
  r->jpeg.err = jpeg_std_error(&r->errors);
  r->errors.error_exit = fail;
  r->errors.emit_message = hear;
  r->errors.output_message = print_nothing;
  r->jpeg.client_data = r;
  // Nothing of this function's own changes between setjmp and longjmp.
  if (setjmp(r->door)) {
    cjpeg_close(r);
    return NULL;
  }
  jpeg_create_decompress(&r->jpeg);
  r->jpeg.client_data = r;
  r->progress.progress_monitor = watch;
  r->jpeg.progress = &r->progress;
  if (count == 0) ERREXIT(&r->jpeg, JERR_INPUT_EMPTY);
  jpeg_mem_src(&r->jpeg, (unsigned char *)bytes, count);
  jpeg_save_markers(&r->jpeg, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&r->jpeg, TRUE);
  switch (r->jpeg.jpeg_color_space) {
  case JCS_YCbCr:
  case JCS_RGB:
    r->jpeg.out_color_space = JCS_RGB;
    break;
  case JCS_YCCK:
  case JCS_CMYK:
    r->jpeg.out_color_space = JCS_CMYK;
    break;
  default:
    r->jpeg.out_color_space = r->jpeg.jpeg_color_space;
  }
  r->jpeg.dct_method = JDCT_ISLOW;
  r->jpeg.do_fancy_upsampling = TRUE;
  jpeg_calc_output_dimensions(&r->jpeg);
  header->width = r->jpeg.output_width;
  header->height = r->jpeg.output_height;
  header->channels = r->jpeg.output_components;
  header->is_progressive = jpeg_has_multiple_scans(&r->jpeg);
  return r;
}

int cjpeg_read_rows(cjpeg_reader *r, uint8_t *rows, uint32_t count, char *message) {
  r->message = message;
  if (setjmp(r->door)) return -1;
  if (!r->started) {
    r->started = 1;
    jpeg_start_decompress(&r->jpeg);
  }
  size_t stride = (size_t)r->jpeg.output_width * (size_t)r->jpeg.output_components;
  while (count > 0) {
    JSAMPROW lines[8];
    uint32_t some = count < 8 ? count : 8;
    for (uint32_t i = 0; i < some; i++) lines[i] = rows + i * stride;
    uint32_t got = jpeg_read_scanlines(&r->jpeg, lines, some);
    if (got == 0) ERREXIT(&r->jpeg, JERR_INPUT_EOF);
    rows += got * stride;
    count -= got;
  }
  // Finds a file that ends without its last marker.
  if (r->jpeg.output_scanline == r->jpeg.output_height) jpeg_finish_decompress(&r->jpeg);
  return 0;
}

const uint8_t *cjpeg_exif(const cjpeg_reader *r, size_t *count) {
  for (jpeg_saved_marker_ptr m = r->jpeg.marker_list; m; m = m->next) {
    if (m->marker == JPEG_APP0 + 1 && m->data_length > 6 && !memcmp(m->data, "Exif\0\0", 6)) {
      *count = m->data_length - 6;
      return m->data + 6;
    }
  }
  *count = 0;
  return NULL;
}

void cjpeg_close(cjpeg_reader *r) {
  if (!r) return;
  jpeg_destroy_decompress(&r->jpeg);
  free(r);
}
