// The expert FFN in fp32, for parity with published outputs: the same slices, each a chain of fma; slow and simple.
// One warp an output and row; weights and rows as they lie in the checkpoint, row-major.
#include "matmul.cuh"

// Grid: ffn x rows. Lanes 0 to 7 sum the gate's slices, 8 to 15 the up's.
KERNEL(gate_up_f32, 32, 1)(const float* w1, const float* w3, const float* x, float* activated, int k, int ffn) {
  const int lane = thread_index(), f = block_x(), row = block_y();
  const float* w = (lane < SLICES ? w1 : w3) + (u64)f * k;
  const float sum = lane < 2 * SLICES ? sliced_dot(w, x + (u64)row * k, k, lane % SLICES) : 0.0f;
  const float gate = sum_of_lanes(sum, 0), up = sum_of_lanes(sum, SLICES);
  if (lane == 0) activated[(u64)row * ffn + f] = swiglu(gate, up);
}

// Grid: outputs x rows.
KERNEL(down_f32, 32, 1)(const float* w, const float* x, float* results, int k, int outputs) {
  const int lane = thread_index(), o = block_x(), row = block_y();
  const float sum = lane < SLICES ? sliced_dot(w + (u64)o * k, x + (u64)row * k, k, lane) : 0.0f;
  const float total = sum_of_lanes(sum, 0);
  if (lane == 0) results[(u64)row * outputs + o] = total;
}

// Says that all kernels before it are done, where the driver refuses to write values from a stream.
KERNEL(ticket, 32, 1)(u32* flag, u32 value) {
  if (thread_index() == 0) store_release(flag, value);
}
REGISTER(gate_up_f32) REGISTER(down_f32) REGISTER(ticket)
