// The residual stream: what experts gave is added, LayerNorm, and the gate's logits. A block a row, all in fp32.
#include "device.cuh"

constexpr int NORM_THREADS = 256;

// Warps' sums added with rising number.
DEV float block_sum(float value) {
  SHARED(float, part, [NORM_THREADS / 32]);
  const float sum = warp_sum(value);
  if ((thread_index() & 31) == 0) part[thread_index() >> 5] = sum;
  block_sync();
  float total = part[0];
#pragma unroll
  for (int w = 1; w < NORM_THREADS / 32; w++) total = add_rn(total, part[w]);
  block_sync();
  return total;
}

struct LayerNorm {
  const float *gain, *bias;
  float mean, scale;

  // A thread sums its elements with rising index: the mean first, then squares about it.
  METHOD void of(const float* x, int width, float epsilon) {
    float sum = 0.0f, squares = 0.0f;
    for (int i = thread_index(); i < width; i += NORM_THREADS) sum = add_rn(sum, x[i]);
    mean = div_rn(block_sum(sum), (float)width);
    for (int i = thread_index(); i < width; i += NORM_THREADS) {
      const float d = add_rn(x[i], -mean);
      squares = fma_rn(d, d, squares);
    }
    const float variance = div_rn(block_sum(squares), (float)width);
    scale = div_rn(1.0f, sqrt_rn(add_rn(variance, epsilon)));
  }
  METHOD float apply(float x, int i) const { return fma_rn(mul_rn(add_rn(x, -mean), scale), gain[i], bias[i]); }
};

// x = residual + (w1*y1 + w2*y2), to `combined`; its norm to `to`. Rows past the last become zeros.
template <class To>
DEV void combine_norm(const float* residual, const int* sources, const float* results, const float* weights,
                      float* combined, LayerNorm norm, const To& to, int rows, int choices, float epsilon) {
  const int row = block_x(), width = to.columns;
  if (row >= rows) {
    for (int i = thread_index(); i < to.width(); i += NORM_THREADS) to.store(row, i, 0.0f);
    return;
  }
  const float* from = residual + (u64)(sources ? sources[row] : row) * width;
  float* x = combined + (u64)row * width;
  for (int i = thread_index(); i < width; i += NORM_THREADS) {
    float sum = from[i];
    if (choices > 0) {
      const float* y = results + (u64)row * choices * width + i;
      float experts = mul_rn(weights[row * choices], y[0]);
      for (int c = 1; c < choices; c++) experts = add_rn(experts, mul_rn(weights[row * choices + c], y[(u64)c * width]));
      sum = add_rn(sum, experts);
    }
    x[i] = sum;
  }
  norm.of(x, width, epsilon);
  for (int i = thread_index(); i < to.width(); i += NORM_THREADS) to.store(row, i, i < width ? norm.apply(x[i], i) : 0.0f);
}

// The norm as rows for experts, and the gate's logits from it before it is rounded: a warp an expert, lanes in turn.
template <class E>
DEV void norm_gate(const float* residual, LayerNorm norm, const float* gate, E* dispatch, float* logits, int width,
                   int experts, float epsilon) {
  const int row = block_x(), warp = thread_index() >> 5, lane = thread_index() & 31;
  const float* x = residual + (u64)row * width;
  norm.of(x, width, epsilon);
  for (int i = thread_index(); i < width; i += NORM_THREADS) put(dispatch + (u64)row * width + i, norm.apply(x[i], i));
  for (int e = warp; e < experts; e += NORM_THREADS / 32) {
    float sum = 0.0f;
    for (int i = lane; i < width; i += 32) sum = fma_rn(gate[(u64)e * width + i], norm.apply(x[i], i), sum);
    sum = warp_sum(sum);
    if (lane == 0) logits[(u64)row * experts + e] = sum;
  }
}

// sources: rows of the residual, or null for all of them.
#define COMBINE_NORM(OUT)                                                                                      \
  (const float* residual, const int* sources, const float* results, const float* weights, float* combined,      \
   const float* gain, const float* bias, OUT* to, int rows, int width, int choices, float epsilon)
#define COMBINE_ARGUMENTS(TO) \
  residual, sources, results, weights, combined, LayerNorm{gain, bias, 0, 0}, TO{to, width}, rows, choices, epsilon

// Grid: rows, for fragments up to a multiple of 8.
KERNEL(combine_norm_bf16, 256, 2) COMBINE_NORM(u16) { combine_norm(COMBINE_ARGUMENTS(PackedRows)); }
KERNEL(combine_norm_f32, 256, 2) COMBINE_NORM(float) { combine_norm(COMBINE_ARGUMENTS(PlainRows)); }

#define NORM_GATE(E)                                                                                              \
  (const float* residual, const float* gain, const float* bias, const float* gate, E* dispatch, float* logits, \
   int width, int experts, float epsilon)
#define GATE_ARGUMENTS residual, LayerNorm{gain, bias, 0, 0}, gate, dispatch, logits, width, experts, epsilon

// Grid: rows.
KERNEL(norm_gate_bf16, 256, 2) NORM_GATE(u16) { norm_gate(GATE_ARGUMENTS); }
KERNEL(norm_gate_f32, 256, 2) NORM_GATE(float) { norm_gate(GATE_ARGUMENTS); }
REGISTER(combine_norm_bf16) REGISTER(combine_norm_f32) REGISTER(norm_gate_bf16) REGISTER(norm_gate_f32)
