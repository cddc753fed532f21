// The expert FFN in bf16 (docs/model.md, section 3): gate_up, then down. Every variant computes the same tree of sums.
#include "matmul.cuh"

// What becomes of a tile's 16 x 8 sums: gate and up give eight activations, packed as rows for `down`.
struct GateUp {
  u16* activated; // [tile of 8 rows][ffn16 / 16][lane] 8 bytes
  int ffn_steps;
  METHOD void store(int tile, int row_tile, const float* sum, int lane) const {
    const int f = tile * 8 + (lane >> 2), row = row_tile * 8 + 2 * (lane & 3);
    activated[fragment_index(row, f, ffn_steps)] = to_bf16(swiglu(sum[0], sum[2]));
    activated[fragment_index(row + 1, f, ffn_steps)] = to_bf16(swiglu(sum[1], sum[3]));
  }
};

// Sums are results: [rows, outputs] fp32, in the host's memory.
struct Down {
  float* results;
  int rows, outputs;
  METHOD void store(int tile, int row_tile, const float* sum, int lane) const {
    const int o = tile * 16 + (lane >> 2), row = row_tile * 8 + 2 * (lane & 3);
#pragma unroll
    for (int c = 0; c < 4; c++) {
      const int r = row + (c & 1), out = o + (c >> 1) * 8;
      if (r < rows && out < outputs) results[(u64)r * outputs + out] = sum[c];
    }
  }
};

#define GATE_UP (const Quad* w, const Pair* x, u16* activated, int rows, int k, int ffn)
#define DOWN (const Quad* w, const Pair* x, float* results, int rows, int k, int outputs)
#define GATE_UP_ARGUMENTS w, x, (rows + 7) / 8, steps_of(k), steps_of(ffn) * 2, GateUp{activated, steps_of(ffn)}
#define DOWN_ARGUMENTS w, x, (rows + 7) / 8, steps_of(k), steps_of(outputs), Down{results, rows, outputs}

KERNEL(gate_up_r8, 256, 2) GATE_UP { few_rows<1, 4, GateUp>(GATE_UP_ARGUMENTS); }
KERNEL(gate_up_r16, 256, 2) GATE_UP { few_rows<2, 4, GateUp>(GATE_UP_ARGUMENTS); }
KERNEL(gate_up_t64, 256, 2) GATE_UP { many_rows<8, GateUp>(GATE_UP_ARGUMENTS); }
KERNEL(gate_up_t128, 256, 1) GATE_UP { many_rows<16, GateUp>(GATE_UP_ARGUMENTS); }
KERNEL(down_r8, 256, 2) DOWN { few_rows<1, 1, Down>(DOWN_ARGUMENTS); }
KERNEL(down_r16, 256, 2) DOWN { few_rows<2, 1, Down>(DOWN_ARGUMENTS); }
KERNEL(down_t64, 256, 2) DOWN { many_rows<8, Down>(DOWN_ARGUMENTS); }
KERNEL(down_t128, 256, 1) DOWN { many_rows<16, Down>(DOWN_ARGUMENTS); }
REGISTER(gate_up_r8) REGISTER(gate_up_r16) REGISTER(gate_up_t64) REGISTER(gate_up_t128)
REGISTER(down_r8) REGISTER(down_r16) REGISTER(down_t64) REGISTER(down_t128)
