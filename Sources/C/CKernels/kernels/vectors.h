// The vector types of an instruction set, from CK_LANES, the floats of a vector: whole vectors and halves
// of one, each of floats and of integers. Memory need not be aligned for them.

#define CK_HALF (CK_LANES / 2)

typedef float vfull __attribute__((vector_size(CK_LANES * 4), aligned(4)));
typedef int32_t ifull __attribute__((vector_size(CK_LANES * 4), aligned(4)));
typedef float vhalf __attribute__((vector_size(CK_HALF * 4), aligned(4)));
typedef int32_t ihalf __attribute__((vector_size(CK_HALF * 4), aligned(4)));
