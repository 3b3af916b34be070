// giflib's handles and callbacks behind functions of plain numbers and buffers.

#ifndef CGIF_SHIM_H
#define CGIF_SHIM_H

#include <stddef.h>
#include <stdint.h>

enum { cgif_message_size = 200 };

/// The logical screen on which frames lie.
typedef struct {
  int32_t width;
  int32_t height;
  int32_t background;
  /// Whether the file has a palette for all frames.
  int32_t has_palette;
} cgif_screen;

/// A frame: where it lies and how it is shown.
typedef struct {
  int32_t left, top, width, height;
  int32_t is_interlaced;
  /// The index that lets through what lies below; -1 for none.
  int32_t transparent;
  /// What happens before the next frame: 0 or 1 nothing, 2 the place is cleared, 3 the place is as before.
  int32_t disposal;
  int32_t colour_count;
  uint8_t colours[256][3];
} cgif_frame;

/// A file being read, frame by frame.
typedef struct cgif_reader cgif_reader;

/// The library's version.
const char *cgif_version(void);

/// Reads the screen of the file in `bytes`, which must stay until `cgif_close`.
/// Returns NULL with the reason in `message`, which has room for `cgif_message_size` bytes.
cgif_reader *cgif_open(const uint8_t *bytes, size_t count, cgif_screen *screen, char *message);

/// Goes to the next frame. Returns 1, 0 behind the last one, or -1 with the reason in `message`.
int cgif_next(cgif_reader *reader, cgif_frame *frame, char *message);

/// Decodes the next `count` pixels of the frame as indices, in the order of the file.
/// Returns 0, or -1 with the reason in `message`.
int cgif_read(cgif_reader *reader, uint8_t *indices, size_t count, char *message);

/// Passes over the frame's pixels. Returns 0, or -1 with the reason in `message`.
int cgif_skip(cgif_reader *reader, char *message);

/// Frees a reader; NULL is none.
void cgif_close(cgif_reader *reader);

#endif
