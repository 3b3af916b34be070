// The kernels for any processor: vectors of four floats.

#define CK_LANES 4
#define CK_TILE_ONE 8
#define CK_TILE_TWO 4
#define CK_TABLE ck_portable
#define CK_NAME "portable"
#include "float32.h"  // CK_TABLE and all that is in it
