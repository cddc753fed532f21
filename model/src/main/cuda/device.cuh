// What differs between the two targets of one kernel source: nvcc (a GPU) and g++ (the host emulation in src/test/cuda).
// Arithmetic is spelled out, one rounding an operation, so that no compiler and no driver can change a bit.
#pragma once
#include <stdint.h>

typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

// Four registers of a lane: one A operand of an mma, 16 bytes.
struct alignas(16) Quad {
  u32 v[4];
};

// Two registers of a lane: one B operand, 8 bytes.
struct alignas(8) Pair {
  u32 v[2];
};

#ifdef __CUDACC__
#define DEV __device__ __forceinline__
#define METHOD __device__ __forceinline__
#define REGISTER(name)
#define SHARED(type, name, dims) __shared__ type name dims
#define KERNEL(name, threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks) name

// Weights are read once: past the first cache.
DEV Quad load_once(const Quad* p) {
  Quad q;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(q.v[0]), "=r"(q.v[1]), "=r"(q.v[2]), "=r"(q.v[3])
               : "l"(p));
  return q;
}
// d += a * b for a warp: 16 outputs x 8 rows x 16 of k.
DEV void mma_bf16(float* d, const u32* a, const u32* b) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
// 16 bytes to shared memory, or zeros where there is nothing to read.
DEV void copy16_async(void* to, const void* from, bool valid) {
  const u32 address = (u32)__cvta_generic_to_shared(to);
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(bytes));
}
DEV void copy_commit() { asm volatile("cp.async.commit_group;"); }
template <int PENDING>
DEV void copy_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(PENDING));
}
DEV void block_sync() { __syncthreads(); }
DEV float shuffle(float value, int lane) { return __shfl_sync(0xffffffffu, value, lane); }
DEV float shuffle_xor(float value, int mask) { return __shfl_xor_sync(0xffffffffu, value, mask); }
DEV void store_release(u32* p, u32 value) { asm volatile("st.release.sys.global.u32 [%0], %1;" ::"l"(p), "r"(value) : "memory"); }
DEV int thread_index() { return threadIdx.x; }
DEV int block_x() { return blockIdx.x; }
DEV int block_y() { return blockIdx.y; }
DEV int grid_x() { return gridDim.x; }
DEV float add_rn(float a, float b) { return __fadd_rn(a, b); }
DEV float mul_rn(float a, float b) { return __fmul_rn(a, b); }
DEV float fma_rn(float a, float b, float c) { return __fmaf_rn(a, b, c); }
DEV float div_rn(float a, float b) { return __fdiv_rn(a, b); }
DEV float sqrt_rn(float a) { return __fsqrt_rn(a); }
DEV u32 bits_of(float f) { return __float_as_uint(f); }
DEV float float_of(u32 b) { return __uint_as_float(b); }
#else
#include "emu.hpp"
#endif

// To the nearest bf16, ties to even; NaN stays NaN.
DEV u16 to_bf16(float f) {
  const u32 b = bits_of(f);
  if ((b & 0x7fffffffu) > 0x7f800000u) return (u16)((b >> 16) | 0x40);
  return (u16)((b + 0x7fffu + ((b >> 16) & 1)) >> 16);
}

// e^x to 1e-7 by Cody and Waite's reduction and a polynomial: the same bits on every processor, GPU or not.
DEV float fixed_exp(float x) {
  if (x != x) return x;
  if (x < -87.0f) return 0.0f;
  if (x > 88.0f) return float_of(0x7f800000u);
  const float n = add_rn(fma_rn(x, 1.44269504f, 12582912.0f), -12582912.0f);
  float r = fma_rn(n, -0.693145752f, x);
  r = fma_rn(n, -1.42860677e-6f, r);
  float p = 1.38888892e-3f;
  p = fma_rn(p, r, 8.33333377e-3f);
  p = fma_rn(p, r, 4.16666679e-2f);
  p = fma_rn(p, r, 1.66666672e-1f);
  p = fma_rn(p, r, 0.5f);
  p = fma_rn(p, r, 1.0f);
  p = fma_rn(p, r, 1.0f);
  return mul_rn(p, float_of((u32)((int)n + 127) << 23));
}

DEV float swiglu(float gate, float up) {
  return mul_rn(div_rn(gate, add_rn(1.0f, fixed_exp(-gate))), up);
}

// The one order of sums (docs/gpu.md): K in 8 slices of whole steps of 16; one chain a slice, k rising; slices added
// left to right. Whatever computes an output computes this tree, so tilings and batches can't change a bit.
constexpr int SLICES = 8;
DEV int slice_steps(int steps) { return (steps + SLICES - 1) / SLICES; }
DEV int steps_of(int k) { return (k + 15) / 16; }

// Fragments of lane l with g = l / 4, t = l % 4. A (16 outputs x 16 k): v0 (g, 2t), v1 (g + 8, 2t), v2 (g, 2t + 8),
// v3 (g + 8, 2t + 8). B (16 k x 8 rows): v0 (2t, g), v1 (2t + 8, g). D (16 outputs x 8 rows): d0 (g, 2t), d1 (g, 2t + 1),
// d2 (g + 8, 2t), d3 (g + 8, 2t + 1). A register of A or B holds two neighbours in k, the lower half first.
DEV u64 fragment_index(int row, int k, int steps) { // of element (row, k) in packed rows, in u16
  const int lane = (row & 7) * 4 + ((k & 7) >> 1);
  return (((u64)(row >> 3) * steps + (k >> 4)) * 32 + lane) * 4 + ((k >> 3) & 1) * 2 + (k & 1);
}

// Where rows go that a matmul reads: fragments of bf16, zeros up to 16 of k and 8 rows; or fp32 as they are.
struct PackedRows {
  u16* to;
  int columns;
  METHOD int width() const { return steps_of(columns) * 16; }
  METHOD void store(int row, int k, float value) const { to[fragment_index(row, k, steps_of(columns))] = to_bf16(value); }
};
struct PlainRows {
  float* to;
  int columns;
  METHOD int width() const { return columns; }
  METHOD void store(int row, int k, float value) const { to[(u64)row * columns + k] = value; }
};

// All lanes get the sum of all: neighbours first, so a fixed tree.
DEV float warp_sum(float value) {
#pragma unroll
  for (int mask = 16; mask > 0; mask >>= 1) value = add_rn(value, shuffle_xor(value, mask));
  return value;
}

// An element of memory in either format.
DEV void put(u16* to, float value) { *to = to_bf16(value); }
DEV void put(float* to, float value) { *to = value; }
DEV float get(const u16* from) { return float_of((u32)*from << 16); }
DEV float get(const float* from) { return *from; }
