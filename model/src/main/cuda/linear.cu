// A projection of the router: rows times weights, the bias added, and what stands there already if asked for.
#include "matmul.cuh"

// [rows, outputs] fp32. No two tiles share an element, so what stands there is read and written by one lane.
struct Project {
  float* to;
  const float* bias; // or null
  int rows, outputs, adds;
  METHOD void put_sum(int row, int output, float sum) const {
    float* at = to + (u64)row * outputs + output;
    const float biased = bias ? add_rn(sum, bias[output]) : sum;
    *at = adds ? add_rn(*at, biased) : biased;
  }
  METHOD void store(int tile, int row_tile, const float* sum, int lane) const {
    const int o = tile * 16 + (lane >> 2), row = row_tile * 8 + 2 * (lane & 3);
#pragma unroll
    for (int c = 0; c < 4; c++) {
      const int r = row + (c & 1), out = o + (c >> 1) * 8;
      if (r < rows && out < outputs) put_sum(r, out, sum[c]);
    }
  }
};

#define LINEAR (const Quad* w, const Pair* x, const float* bias, float* to, int rows, int k, int outputs, int adds)
#define LINEAR_ARGUMENTS w, x, (rows + 7) / 8, steps_of(k), steps_of(outputs), Project{to, bias, rows, outputs, adds}

KERNEL(linear_r8, 256, 2) LINEAR { few_rows<1, 2, Project>(LINEAR_ARGUMENTS); }
KERNEL(linear_r16, 256, 2) LINEAR { few_rows<2, 2, Project>(LINEAR_ARGUMENTS); }
KERNEL(linear_t64, 256, 2) LINEAR { many_rows<8, Project>(LINEAR_ARGUMENTS); }
KERNEL(linear_t128, 256, 1) LINEAR { many_rows<16, Project>(LINEAR_ARGUMENTS); }

// Grid: outputs x rows. Rows and weights as they lie.
KERNEL(linear_f32, 32, 1)(const float* w, const float* x, const float* bias, float* to, int k, int outputs, int adds) {
  const int lane = thread_index(), o = block_x(), row = block_y();
  const float sum = lane < SLICES ? sliced_dot(w + (u64)o * k, x + (u64)row * k, k, lane) : 0.0f;
  const float total = sum_of_lanes(sum, 0);
  if (lane == 0) Project{to, bias, row + 1, outputs, adds}.put_sum(row, o, total);
}
REGISTER(linear_r8) REGISTER(linear_r16) REGISTER(linear_t64) REGISTER(linear_t128) REGISTER(linear_f32)
