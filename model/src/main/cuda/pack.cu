// Into fragment-major layout: weights [tile of 16 outputs][step of 16 k][lane] 16 bytes, rows [tile of 8 rows][step][lane]
// 8 bytes. One warp's load is then one operand of an mma, contiguous. Outputs, rows and k past the end become zeros.
#include "device.cuh"

DEV u32 two_of(const u16* row, bool inside, int k, int width) {
  const u32 low = inside && k < width ? row[k] : 0;
  const u32 high = inside && k + 1 < width ? row[k + 1] : 0;
  return low | high << 16;
}

// Grid: tiles of 8 rows.
KERNEL(pack_rows, 256, 1)(const u16* rows, Pair* packed, int row_count, int k) {
  const int steps = steps_of(k), tile = block_x();
  for (int e = thread_index(); e < steps * 32; e += 256) {
    const int lane = e & 31, row = tile * 8 + (lane >> 2), at = (e >> 5) * 16 + 2 * (lane & 3);
    const bool inside = row < row_count;
    const u16* from = rows + (inside ? (u64)row * k : 0);
    Pair p;
    p.v[0] = two_of(from, inside, at, k);
    p.v[1] = two_of(from, inside, at + 8, k);
    packed[(u64)tile * steps * 32 + e] = p;
  }
}

// Rows 0 to 7 of a tile come from `upper`, 8 to 15 from `lower`.
DEV void pack_tile(const u16* upper, int upper_rows, const u16* lower, int lower_rows, Quad* packed, int tile, int k) {
  const int steps = steps_of(k);
  for (int e = thread_index(); e < steps * 32; e += 256) {
    const int lane = e & 31, g = lane >> 2, at = (e >> 5) * 16 + 2 * (lane & 3);
    const bool up = g < upper_rows, low = g < lower_rows;
    const u16* u = upper + (up ? (u64)g * k : 0);
    const u16* l = lower + (low ? (u64)g * k : 0);
    Quad q;
    q.v[0] = two_of(u, up, at, k);
    q.v[1] = two_of(l, low, at, k);
    q.v[2] = two_of(u, up, at + 8, k);
    q.v[3] = two_of(l, low, at + 8, k);
    packed[(u64)tile * steps * 32 + e] = q;
  }
}

// Tile = 8 rows of w1 above the same 8 of w3, so that a gate and its up meet in one lane. Grid: ceil(ffn / 8).
KERNEL(pack_gate_up, 256, 1)(const u16* w1, const u16* w3, Quad* packed, int ffn, int k) {
  const int tile = block_x(), left = ffn - tile * 8;
  const u64 first = left > 0 ? (u64)tile * 8 * k : 0;
  pack_tile(w1 + first, left, w3 + first, left, packed, tile, k);
}

// Grid: ceil(outputs / 16).
KERNEL(pack_linear, 256, 1)(const u16* w, Quad* packed, int outputs, int k) {
  const int tile = block_x(), left = outputs - tile * 16;
  const u64 first = (u64)tile * 16 * k;
  pack_tile(w + first, left, w + (left > 8 ? first + (u64)8 * k : first), left - 8, packed, tile, k);
}
REGISTER(pack_rows) REGISTER(pack_gate_up) REGISTER(pack_linear)
