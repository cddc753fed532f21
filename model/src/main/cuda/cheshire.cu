// All kernels, as one module.
#include "expert.cu"
#include "expert32.cu"
#include "pack.cu"
#include "rows.cu"
#include "norm.cu"
#include "linear.cu"
#include "attend.cu"
