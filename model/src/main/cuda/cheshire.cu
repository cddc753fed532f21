// All kernels, as one module.
#include "expert.cu"
#include "expert32.cu"
#include "pack.cu"
