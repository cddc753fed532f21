// Rows times weights: every variant computes the same tree of sums, whatever it does with them in the end.
#pragma once
#include "device.cuh"

// Few rows, so bytes bound it: a warp a slice; TILES tiles of 16 outputs share the fragments of ROW_TILES * 8 rows.
template <int ROW_TILES, int TILES, class To>
DEV void few_rows(const Quad* w, const Pair* x, int row_tiles, int steps, int tiles, const To& to) {
  SHARED(float, part, [SLICES][TILES * ROW_TILES][32][4]);
  const int warp = thread_index() >> 5, lane = thread_index() & 31;
  const int length = slice_steps(steps), begin = warp * length;
  const int end = begin + length < steps ? begin + length : steps;
  const int tile0 = block_x() * TILES;
  float sum[TILES][ROW_TILES][4];
#pragma unroll
  for (int i = 0; i < TILES; i++)
#pragma unroll
    for (int n = 0; n < ROW_TILES; n++)
#pragma unroll
      for (int c = 0; c < 4; c++) sum[i][n][c] = 0.0f;
#pragma unroll 4
  for (int j = begin; j < end; j++) {
    Quad a[TILES];
#pragma unroll
    for (int i = 0; i < TILES; i++) {
      const int tile = tile0 + i < tiles ? tile0 + i : tiles - 1;
      a[i] = load_once(w + ((u64)tile * steps + j) * 32 + lane);
    }
#pragma unroll
    for (int n = 0; n < ROW_TILES; n++) {
      const int row_tile = n < row_tiles ? n : row_tiles - 1;
      const Pair b = x[((u64)row_tile * steps + j) * 32 + lane];
#pragma unroll
      for (int i = 0; i < TILES; i++) mma_bf16(sum[i][n], a[i].v, b.v);
    }
  }
#pragma unroll
  for (int i = 0; i < TILES; i++)
#pragma unroll
    for (int n = 0; n < ROW_TILES; n++)
#pragma unroll
      for (int c = 0; c < 4; c++) part[warp][i * ROW_TILES + n][lane][c] = sum[i][n][c];
  block_sync();
  for (int p = warp; p < TILES * ROW_TILES; p += SLICES) {
    const int tile = tile0 + p / ROW_TILES, row_tile = p % ROW_TILES;
    float total[4];
#pragma unroll
    for (int c = 0; c < 4; c++) {
      total[c] = part[0][p][lane][c];
#pragma unroll
      for (int slice = 1; slice < SLICES; slice++) total[c] = add_rn(total[c], part[slice][p][lane][c]);
    }
    if (tile < tiles && row_tile < row_tiles) to.store(tile, row_tile, total, lane);
  }
}

// Many rows: a warp a tile of 16 outputs, over ROW_TILES * 8 rows that all eight warps share in shared memory.
template <int ROW_TILES, class To>
DEV void many_rows(const Quad* w, const Pair* x, int row_tiles, int steps, int tiles, const To& to) {
  constexpr int STAGE = 4; // steps
  SHARED(Pair, rows, [2][ROW_TILES][STAGE][32]);
  const int warp = thread_index() >> 5, lane = thread_index() & 31;
  const int stages = (steps + STAGE - 1) / STAGE, length = slice_steps(steps);
  const int tile = block_x() * 8 + warp, row_tile0 = block_y() * ROW_TILES;
  const bool live = tile < tiles;
  float sum[ROW_TILES][4], total[ROW_TILES][4];
#pragma unroll
  for (int n = 0; n < ROW_TILES; n++)
#pragma unroll
    for (int c = 0; c < 4; c++) {
      sum[n][c] = 0.0f;
      total[n][c] = -0.0f; // adds nothing to the first slice, not even a sign
    }
  auto fetch = [&](int stage) {
#pragma unroll 1
    for (int e = thread_index(); e < ROW_TILES * STAGE * 16; e += 256) {
      const int n = e / (STAGE * 16), q = e / 16 % STAGE, j = stage * STAGE + q;
      const bool valid = row_tile0 + n < row_tiles && j < steps;
      const Pair* from = valid ? x + ((u64)(row_tile0 + n) * steps + j) * 32 + e % 16 * 2 : x;
      copy16_async(&rows[stage & 1][n][q][e % 16 * 2], from, valid);
    }
    copy_commit();
  };
  auto promote = [&] {
#pragma unroll
    for (int n = 0; n < ROW_TILES; n++)
#pragma unroll
      for (int c = 0; c < 4; c++) {
        total[n][c] = add_rn(total[n][c], sum[n][c]);
        sum[n][c] = 0.0f;
      }
  };
  fetch(0);
  int slice = 0, left = length;
  for (int stage = 0; stage < stages; stage++) {
    fetch(stage + 1);
    copy_wait<1>();
    block_sync();
#pragma unroll 1
    for (int q = 0; q < STAGE; q++) {
      const int j = stage * STAGE + q;
      if (j < steps) {
        const Quad a = load_once(w + ((u64)(live ? tile : tiles - 1) * steps + j) * 32 + lane);
#pragma unroll
        for (int n = 0; n < ROW_TILES; n++) mma_bf16(sum[n], a.v, rows[stage & 1][n][q][lane].v);
        if (--left == 0) {
          promote();
          slice++;
          left = length;
        }
      }
    }
    block_sync();
  }
  for (; slice < SLICES; slice++) promote();
#pragma unroll
  for (int n = 0; n < ROW_TILES; n++)
    if (live && row_tile0 + n < row_tiles) to.store(tile, row_tile0 + n, total[n], lane);
}

// fp32, for parity with published outputs: the same slices, each a chain of fma; slow and simple.
// Lane `slice` sums slice `slice`; all lanes get the total.
DEV float sliced_dot(const float* w, const float* x, int k, int slice) {
  const int length = slice_steps(steps_of(k)) * 16, begin = slice * length;
  const int end = begin + length < k ? begin + length : k;
  float sum = 0.0f;
  for (int i = begin; i < end; i++) sum = fma_rn(w[i], x[i], sum);
  return sum;
}

DEV float sum_of_lanes(float sum, int first) {
  float total = shuffle(sum, first);
  for (int slice = 1; slice < SLICES; slice++) total = add_rn(total, shuffle(sum, first + slice));
  return total;
}
