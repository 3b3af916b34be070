// Pixels of a loss are worked on in spans short enough for the first-level cache: each loss writes a span's
// costs, and `total` adds them up.

enum { LOSS_SPAN = 512 };

// The sum in a fixed order.
static double total(ptrdiff_t n, const float *x) {
  enum { LANES = 16 };
  double sums[LANES] = {0};
  ptrdiff_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++) sums[j] += x[i + j];
  for (; i < n; i++) sums[0] += x[i];
  double all = 0;
  for (int j = 0; j < LANES; j++) all += sums[j];
  return all;
}

#define EACH_SPAN(n)                                                                     \
  for (ptrdiff_t from = 0, m = (n) < LOSS_SPAN ? (n) : LOSS_SPAN; from < (n);            \
       from += m, m = (n) - from < LOSS_SPAN ? (n) - from : LOSS_SPAN)
