// Calls `f` for every group of c channels, with the widest of its three versions that fits. `at` is the
// group's first channel; the arguments say what becomes of it.
#define EACH_CHANNEL(f, ...)                              \
  ptrdiff_t at = 0;                                       \
  for (; at + CK_LANES <= c; at += CK_LANES) f##_full(__VA_ARGS__); \
  for (; at + CK_HALF <= c; at += CK_HALF) f##_half(__VA_ARGS__);   \
  for (; at < c; at++) f##_one(__VA_ARGS__)
