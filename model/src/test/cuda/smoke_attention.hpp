// Attention over a cache of pages, for smoke.cpp: one row at a time, four, in chunks of other lengths, and where nobody
// has written behind it; all give a row the same bits, near a softmax in double.
#pragma once
#include "smoke_router.hpp"

struct Attention {
  int stride, head_dim, heads, kv_heads, window;
  bool half; // the cache is bf16
  static constexpr int KEYS = 300, TOKENS = 16, PAGES = 23, SPLIT = 256;
  int rows = KEYS, tokens = TOKENS, pairs;
  std::vector<int> table, places;
  std::vector<float> projected, angles;
  Device qkv, rope, where, q, cache;
  size_t cache_bytes;
  std::string one, four, join, append;

  Attention(int stride, int head_dim, int heads, int kv_heads, int window, bool half)
      : stride(stride), head_dim(head_dim), heads(heads), kv_heads(kv_heads), window(window), half(half), pairs(head_dim / 2) {
    const std::string d = "_d" + std::to_string(stride), type = half ? "_bf16" : "_f32";
    one = "attend" + d + (half ? "_r1" : "_f32");
    four = "attend" + d + (half ? "_r4" : "_f32");
    join = "join" + d + type;
    append = "rope_append" + type;
    Values values{(u32)(stride + head_dim)};
    for (int i = 0; i < PAGES; i++) table.push_back((i * 7 + 3) % PAGES);
    for (int i = 0; i < KEYS; i++) places.push_back(table[i / TOKENS] * TOKENS + i % TOKENS);
    projected = floats((size_t)KEYS * (heads + 2 * kv_heads) * head_dim, 1.5f, values);
    angles = floats((size_t)KEYS * 2 * pairs, 1.0f, values);
    qkv = upload(projected);
    rope = upload(angles);
    where = upload(places);
    q = unwritten((size_t)KEYS * heads * stride * 4);
    cache_bytes = (size_t)PAGES * kv_heads * 2 * TOKENS * stride * (half ? 2 : 4);
    cache = filled(KEYS);
  }
  // A cache with the first keys; the rest is not-a-number.
  Device filled(int keys) {
    Device to = unwritten(cache_bytes);
    launch(append.c_str(), keys, 1, 128, {&qkv, &rope, &where, &q, &to, &heads, &kv_heads, &head_dim, &stride, &tokens});
    return to;
  }
  int from(int position) const { return window < 0 || position < window ? 0 : position - window; }

  // Rows first .. first + count - 1 in groups of so many; [count, heads * head_dim], as rows of the output projection.
  std::vector<float> run(Device keys, int first, int count, int group) {
    if (!half) group = 1; // fp32 has no kernel for more
    std::vector<int> groups, parts;
    int place = 0, row0 = 0;
    for (int r = 0; r < count; r++) {
      const int n = (first + r) / SPLIT - from(first + r) / SPLIT + 1;
      parts.push_back(place);
      parts.push_back(n);
      place += n;
    }
    for (int r = 0; r < count; r += group) groups.insert(groups.end(), {r, count - r < group ? count - r : group, first + r, 0});
    const int columns = half ? up(heads * head_dim, 16) * 16 : heads * head_dim, padded = half ? up(count, 8) * 8 : count;
    Device g = upload(groups), t = upload(table), p = upload(parts), part = unwritten((size_t)place * heads * (stride + 2) * 4);
    Device to = unwritten((size_t)padded * columns * (half ? 2 : 4)), mine = q + (Device)first * heads * stride * 4;
    float scale = 1 / sqrtf((float)head_dim);
    const int blocks = up(heads / kv_heads, 4);
    launch(group == 1 ? one.c_str() : four.c_str(), up(count, group) * kv_heads * blocks, (first + count - 1) / SPLIT + 1, 128,
           {&mine, &keys, &g, &t, &p, &part, &heads, &kv_heads, &tokens, &window, &scale});
    launch(join.c_str(), heads, padded, 32, {&part, &p, &to, &row0, &count, &heads, &head_dim});
    const auto bytes = download(to, (size_t)padded * columns * (half ? 2 : 4));
    for (Device d : {g, t, p, part, to}) call("cuMemFree_v2", d);
    return half ? unpacked((const u16*)bytes.data(), count) : std::vector<float>((const float*)bytes.data(), (const float*)bytes.data() + count * columns);
  }
  std::vector<float> unpacked(const u16* packed, int count) const {
    const int width = heads * head_dim, steps = up(width, 16);
    std::vector<float> rows;
    for (int r = 0; r < count; r++)
      for (int k = 0; k < width; k++) {
        const int lane = (r & 7) * 4 + ((k & 7) >> 1);
        rows.push_back(of_bf16(packed[(((size_t)(r >> 3) * steps + (k >> 4)) * 32 + lane) * 4 + ((k >> 3) & 1) * 2 + (k & 1)]));
      }
    return rows;
  }
  float key(const std::vector<char>& bytes, int position, int kv_head, int which, int d) const {
    const size_t at = ((((size_t)table[position / TOKENS] * kv_heads + kv_head) * 2 + which) * TOKENS + position % TOKENS) * stride + d;
    return half ? of_bf16(((const u16*)bytes.data())[at]) : ((const float*)bytes.data())[at];
  }
  std::vector<double> exact(int position) {
    const auto bytes = download(cache, cache_bytes);
    const auto queries = floats_of(q, (size_t)KEYS * heads * stride);
    std::vector<double> y;
    for (int h = 0; h < heads; h++) {
      const int kv_head = h / (heads / kv_heads);
      std::vector<double> p;
      double sum = 0;
      for (int j = from(position); j <= position; j++) {
        double dot = 0;
        for (int d = 0; d < head_dim; d++) dot += (double)queries[((size_t)position * heads + h) * stride + d] * key(bytes, j, kv_head, 0, d);
        p.push_back(exp(dot / sqrt((double)head_dim)));
        sum += p.back();
      }
      for (int d = 0; d < head_dim; d++) {
        double value = 0;
        for (int j = from(position); j <= position; j++) value += p[j - from(position)] * key(bytes, j, kv_head, 1, d);
        y.push_back(value / sum);
      }
    }
    return y;
  }
  // Queries as they were turned, against what they were.
  void check_queries() {
    const auto queries = floats_of(q, (size_t)KEYS * heads * stride);
    std::vector<double> wanted(queries.size());
    for (int j = 0; j < KEYS; j++)
      for (int h = 0; h < heads; h++)
        for (int i = 0; i < pairs; i++) {
          const float* x = &projected[((size_t)j * (heads + 2 * kv_heads) + h) * head_dim];
          const double c = angles[(size_t)j * 2 * pairs + i], s = angles[(size_t)j * 2 * pairs + pairs + i];
          double* y = &wanted[((size_t)j * heads + h) * stride];
          y[i] = x[i] * c - x[i + pairs] * s;
          y[i + pairs] = x[i + pairs] * c + x[i] * s;
        }
    say(distance(queries.data(), wanted.data(), wanted.size()) < 1e-6, "WRONG %s: the error at %d, %d is too large\n", append.c_str(), stride,
        head_dim);
  }
  void same(const std::vector<float>& all, int all_first, const std::vector<float>& some, int first, int count) const {
    const size_t width = (size_t)heads * head_dim;
    say(memcmp(some.data(), &all[(first - all_first) * width], some.size() * 4) == 0, "WRONG %s: %d rows from row %d on have other bits\n",
        one.c_str(), count, first);
  }
  void check() {
    const int first = 250, count = 12; // across a split's end
    check_queries();
    const auto all = run(cache, first, count, 4);
    const std::string name = window < 0 ? "" : "_window";
    if (window < 0) print_hash(append.c_str(), stride, head_dim, cache, cache_bytes);
    print_hash((four + name).c_str(), stride, head_dim, all.data(), all.size() * 4);
    for (int r = 0; r < count; r += 5) same(all, first, run(cache, first + r, 1, 1), first + r, 1);
    same(all, first, run(cache, first + 3, 7, 4), first + 3, 7);
    const Device begun = filled(first + count);
    same(all, first, run(begun, first + count - 1, 1, 1), first + count - 1, 1);
    const auto y = run(cache, first + 9, 1, 1);
    const auto wanted = exact(first + 9);
    say(distance(y.data(), wanted.data(), y.size()) < (half ? 4e-3 : 1e-5), "WRONG %s: the error at %d, %d is too large\n", one.c_str(), stride,
        head_dim);
    for (Device d : {qkv, rope, where, q, cache, begun}) call("cuMemFree_v2", d);
  }
};

static void attention(bool quick) {
  Attention(32, 32, 6, 2, -1, true).check();
  Attention(32, 12, 5, 1, 3, true).check(); // two blocks of heads, padded heads, a window
  Attention(32, 12, 5, 1, -1, false).check();
  if (quick) return;
  for (int stride : {64, 96, 128, 256}) {
    Attention(stride, stride, 2, 1, -1, true).check();
    Attention(stride, stride - 2, 2, 1, -1, false).check();
  }
}
