// How long kernels take, for smoke.cpp.
#pragma once
#include "smoke_attention.hpp"

static double seconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

// How long the two halves of an expert take, launched one after another: a line a tiling and number of rows.
static void timing(int k, int ffn, int repeats) {
  const int steps = up(k, 16), ffn_steps = up(ffn, 16), most = 512;
  const size_t gate_bytes = (size_t)ffn_steps * 2 * steps * 512, down_bytes = (size_t)steps * ffn_steps * 512;
  Device gate_up = on_device(gate_bytes), down = on_device(down_bytes);
  u16* in = (u16*)pinned((size_t)most * k * 2);
  float* out = (float*)pinned((size_t)most * k * 4);
  memset(in, 0, (size_t)most * k * 2);
  Device packed = on_device((size_t)most * steps * 32), activated = on_device((size_t)most * ffn_steps * 32);
  ok(call("cuMemsetD8Async", gate_up, (unsigned char)0, gate_bytes, stream), "cuMemsetD8");
  ok(call("cuMemsetD8Async", down, (unsigned char)0, down_bytes, stream), "cuMemsetD8");
  for (const Tiling& tiling : TILINGS)
    for (int rows : {1, 8, 16, 64, 128, 256, 512}) {
      if (rows > tiling.rows && tiling.rows < 64) continue;
      double best = 1e9;
      for (int round = 0; round < 4; round++) {
        finish();
        const double begin = seconds();
        for (int i = 0; i < repeats; i++) {
          launch("pack_rows", up(rows, 8), 1, 256, {&in, &packed, &rows, &k});
          launch(tiling.gate_up, up(ffn_steps * 2, tiling.gate_tiles), up(rows, tiling.rows), 256,
                 {&gate_up, &packed, &activated, &rows, &k, &ffn});
          launch(tiling.down, up(steps, tiling.down_tiles), up(rows, tiling.rows), 256,
                 {&down, &activated, &out, &rows, &ffn, &k});
        }
        finish();
        const double each = (seconds() - begin) / repeats;
        best = each < best ? each : best;
      }
      printf("time %s %d rows %.1f us %.0f GB/s\n", tiling.gate_up + 8, rows, best * 1e6, (gate_bytes + down_bytes) / best / 1e9);
      fflush(stdout);
    }
}

// The best of four times of so many calls, each queued behind the one before.
template <class Queue>
static double best_of(int repeats, const Queue& queue) {
  double best = 1e9;
  for (int round = 0; round < 4; round++) {
    finish();
    const double begin = seconds();
    for (int i = 0; i < repeats; i++) queue();
    finish();
    const double each = (seconds() - begin) / repeats;
    best = each < best ? each : best;
  }
  return best;
}

static Device zeros(size_t bytes) {
  const Device p = on_device(bytes);
  ok(call("cuMemsetD8Async", p, (unsigned char)0, bytes, stream), "cuMemsetD8");
  return p;
}

static void projection_timing(const char* name, int k, int outputs, int repeats) {
  const size_t bytes = (size_t)up(outputs, 16) * up(k, 16) * 512;
  Device w = zeros(bytes), x = zeros((size_t)512 * up(k, 16) * 32), to = zeros((size_t)512 * outputs * 4), bias = 0;
  int adds = 0;
  for (const Projection& p : PROJECTIONS)
    for (int rows : {1, 16, 64, 512}) {
      if (rows > p.rows && p.rows < 64) continue;
      const double best = best_of(repeats, [&] {
        launch(p.name, up(up(outputs, 16), p.tiles), up(rows, p.rows), 256, {&w, &x, &bias, &to, &rows, &k, &outputs, &adds});
      });
      printf("time %s %s %d rows %.1f us %.0f GB/s\n", name, p.name, rows, best * 1e6, bytes / best / 1e9);
    }
  for (Device d : {w, x, to}) call("cuMemFree_v2", d);
}

// `count` rows that see so many keys each: a step of decoding, all with the same table, or the end of a prompt.
static void attention_timing(int heads, int kv_heads, int keys, int count, bool prompt, int repeats) {
  int stride = 128, tokens = 16, window = -1, row0 = 0, group = prompt ? 4 : 1;
  float scale = 0.088f;
  const int splits = up(keys, 256), columns = heads * stride;
  std::vector<int> table, groups, parts;
  for (int i = 0; i < up(keys, tokens); i++) table.push_back(i);
  for (int r = 0; r < count; r++) parts.insert(parts.end(), {r * splits, prompt ? (keys - count + r) / 256 + 1 : splits});
  for (int r = 0; r < count; r += group) groups.insert(groups.end(), {r, group, prompt ? keys - count + r : keys - 1, 0});
  Device g = upload(groups), t = upload(table), p = upload(parts), q = zeros((size_t)count * columns * 4);
  const size_t bytes = (size_t)table.size() * kv_heads * 2 * tokens * stride * 2;
  Device cache = zeros(bytes), part = on_device((size_t)count * splits * heads * (stride + 2) * 4);
  Device to = on_device((size_t)up(count, 8) * 8 * columns * 2);
  const double best = best_of(repeats, [&] {
    launch(prompt ? "attend_d128_r4" : "attend_d128_r1", count / group * kv_heads * up(heads / kv_heads, 4), splits, 128,
           {&q, &cache, &g, &t, &p, &part, &heads, &kv_heads, &tokens, &window, &scale});
    launch("join_d128_bf16", heads, count, 32, {&part, &p, &to, &row0, &count, &heads, &stride});
  });
  printf("time attention %s %d rows of %d keys %.1f us\n", prompt ? "prompt" : "decode", count, keys, best * 1e6);
  fflush(stdout);
  for (Device d : {g, t, p, q, cache, part, to}) call("cuMemFree_v2", d);
}

static void router_timing(bool small) {
  if (small) {
    projection_timing("qkv", 192, 256, 1);
    attention_timing(2, 1, 64, 4, true, 1);
    attention_timing(2, 1, 64, 2, false, 1);
    return;
  }
  projection_timing("qkv", 4096, 6144, 20);
  projection_timing("head", 4096, 32064, 10);
  for (int rows : {1, 16, 64}) attention_timing(32, 8, 4096, rows, false, 10);
  attention_timing(32, 8, 4096, 64, true, 10);
  attention_timing(32, 8, 4096, 256, true, 4);
}
