// Whether AMX can be used: the system is asked for it, and its kernels are tried on small convolutions
// first, since they were written on processors without it.

#define _GNU_SOURCE

#include "CKernels.h"

#include "processor.h"

#include <string.h>
#if defined(__linux__) && defined(__x86_64__)
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/// Floats of the largest input, weights and results of a trial.
#define MAX_X 3072
#define MAX_WEIGHTS 8856
#define MAX_PACKED 5184
#define MAX_Y 2583

/// Integers from -4 to 4.
static float next_integer(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return (float)(int)((*state >> 16) % 9) - 4;
}

/// Words of two of them as bfloat16, which holds them exactly.
static void fill_words(uint32_t *state, ptrdiff_t n, float *to) {
  for (ptrdiff_t i = 0; i < n; i++) {
    uint32_t bits[2];
    for (int k = 0; k < 2; k++) {
      const float value = next_integer(state);
      memcpy(&bits[k], &value, sizeof(value));
    }
    bits[0] = bits[0] >> 16 | bits[1];
    memcpy(to + i, bits, sizeof(float));
  }
}

static int equal(ptrdiff_t n, const float *a, const float *b) {
  for (ptrdiff_t i = 0; i < n; i++)
    if (!(a[i] == b[i])) return 0;
  return 1;
}

/// 3 x 3 taps over a dense image, `columns` pixels of `cin` words a row.
static struct ck_conv geometry(ptrdiff_t rows, ptrdiff_t cols, ptrdiff_t cin, ptrdiff_t cout,
                               ptrdiff_t columns) {
  struct ck_conv g = {.rows = rows, .cols = cols, .kh = 3, .kw = 3, .cin = cin, .cout = cout};
  g.x_row = g.tap_row = columns * cin;
  g.x_col = g.tap_col = cin;
  g.y_row = cols * cout;
  g.y_col = cout;
  return g;
}

static int agree_forward(const struct ck_bfloat16 *kernels, const struct ck_bfloat16 *others,
                         int finish) {
  // Whole and partial strips, an end of a run, two vectors of filters and part of one.
  struct ck_conv g = geometry(3, 21, 12, 41, 23);
  g.relu = g.accumulate = finish;
  float x[MAX_X], w[MAX_WEIGHTS], bias[41], packed[MAX_PACKED], y[2][MAX_Y];
  const ptrdiff_t taps = 9, results = g.rows * g.y_row;
  uint32_t state = 1;
  fill_words(&state, MAX_X, x);
  for (ptrdiff_t i = 0; i < MAX_WEIGHTS; i++) w[i] = next_integer(&state);
  for (ptrdiff_t i = 0; i < g.cout; i++) bias[i] = next_integer(&state);
  const struct ck_bfloat16 *both[2] = {kernels, others};
  for (int i = 0; i < 2; i++) {
    for (ptrdiff_t k = 0; k < results; k++) y[i][k] = k % 7;
    both[i]->pack(taps, 2 * g.cin, g.cout, w, 2 * g.cin * g.cout, g.cout, 1, 0, packed);
    both[i]->conv(&g, x, packed, finish ? bias : 0, y[i]);
  }
  return equal(results, y[0], y[1]);
}

static int agree_weights(const struct ck_bfloat16 *kernels, const struct ck_bfloat16 *others,
                         ptrdiff_t rows, ptrdiff_t pairs, ptrdiff_t columns) {
  struct ck_conv g = geometry(rows, pairs, 18, 41, columns);
  g.x_col = 2 * g.cin;
  float x[MAX_X], dy[MAX_Y], dw[2][MAX_WEIGHTS];
  const ptrdiff_t count = g.kh * g.kw * g.cin * g.cout;
  uint32_t state = 2;
  fill_words(&state, MAX_X, x);
  fill_words(&state, MAX_Y, dy);
  const struct ck_bfloat16 *both[2] = {kernels, others};
  for (int i = 0; i < 2; i++) {
    for (ptrdiff_t k = 0; k < count; k++) dw[i][k] = k % 5;
    both[i]->conv_weights(&g, x, dy, dw[i]);
  }
  return equal(count, dw[0], dw[1]);
}

int ck_agree(const struct ck_bfloat16 *kernels, const struct ck_bfloat16 *others) {
  // Pairs of results row by row, then of all rows together.
  return agree_forward(kernels, others, 0) && agree_forward(kernels, others, 1) &&
         agree_weights(kernels, others, 2, 19, 41) && agree_weights(kernels, others, 5, 4, 10);
}

#if defined(__linux__) && defined(__x86_64__)
extern const struct ck_bfloat16 ck_v4_bfloat16;
extern const struct ck_bfloat16 ck_amx_bfloat16;

/// Linux keeps the tiles of a process only if it asks for it (since 5.16).
static int is_granted(void) {
  const int request = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM
  return syscall(SYS_arch_prctl, request, tile_data) == 0;
}

static enum ck_amx found;

static void find_out(void) {
  if (!ck_has_amx_bfloat16() || !ck_has_bfloat16()) found = CK_AMX_ABSENT;
  else if (!is_granted()) found = CK_AMX_REFUSED;
  else found = ck_agree(&ck_amx_bfloat16, &ck_v4_bfloat16) ? CK_AMX_READY : CK_AMX_WRONG;
}

enum ck_amx ck_amx(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, find_out);
  return found;
}
#else
enum ck_amx ck_amx(void) { return CK_AMX_ABSENT; }
#endif
