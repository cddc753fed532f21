// What a router computes, kernel by kernel, for smoke.cpp: hashes, the same bits in every batch and cut of a prompt, and
// nearness to sums in double.
#pragma once

static std::vector<float> floats(size_t count, float scale, Values& values) {
  std::vector<float> v(count);
  for (auto& x : v) x = values.next(scale);
  return v;
}
static std::vector<u16> halves(const std::vector<float>& v) {
  std::vector<u16> h(v.size());
  for (size_t i = 0; i < v.size(); i++) h[i] = to_bf16(v[i]);
  return h;
}
template <class T>
static Device upload(const std::vector<T>& v) {
  return upload(v.data(), v.size() * sizeof(T));
}
// A block that starts as not-a-number, on a GPU too.
static Device unwritten(size_t bytes) {
  const Device p = on_device(bytes);
  ok(call("cuMemsetD8Async", p, (unsigned char)0xff, bytes, stream), "cuMemsetD8");
  return p;
}
static std::vector<float> floats_of(Device from, size_t count) {
  const auto bytes = download(from, count * 4);
  std::vector<float> v(count);
  memcpy(v.data(), bytes.data(), bytes.size());
  return v;
}
static void print_hash(const char* kernel, int a, int b, const void* p, size_t bytes) {
  printf("hash %s %d,%d %016llx\n", kernel, a, b, (unsigned long long)hash(p, bytes));
}
static void print_hash(const char* kernel, int a, int b, Device p, size_t bytes) {
  const auto there = download(p, bytes);
  print_hash(kernel, a, b, there.data(), bytes);
}
static double distance(const float* y, const double* exact, size_t count) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < count; i++) {
    difference += (y[i] - exact[i]) * (y[i] - exact[i]);
    norm += exact[i] * exact[i];
  }
  return sqrt(difference / norm);
}

struct Projection {
  const char* name;
  int rows, tiles;
};
static const Projection PROJECTIONS[] = {{"linear_r8", 8, 2}, {"linear_r16", 16, 2}, {"linear_t64", 64, 8}, {"linear_t128", 128, 8}};

static std::vector<float> project(const Projection& p, Device w, const std::vector<u16>& x, Device bias, int first, int rows, int k,
                                  int outputs, int adds) {
  const int steps = up(k, 16), tiles = up(rows, 8);
  u16* in = (u16*)pinned((size_t)rows * k * 2);
  memcpy(in, &x[(size_t)first * k], (size_t)rows * k * 2);
  const Device packed = on_device((size_t)tiles * steps * 256);
  const std::vector<float> before((size_t)rows * outputs, 0.5f);
  Device to = adds ? upload(before) : unwritten(before.size() * 4);
  launch("pack_rows", tiles, 1, 256, {&in, (void*)&packed, &rows, &k});
  launch(p.name, up(up(outputs, 16), p.tiles), up(rows, p.rows), 256, {&w, (void*)&packed, &bias, &to, &rows, &k, &outputs, &adds});
  const auto y = floats_of(to, before.size());
  call("cuMemFree_v2", packed);
  call("cuMemFree_v2", to);
  call("cuMemFreeHost", (void*)in);
  return y;
}

static void projections(int k, int outputs, int total) {
  Values values{(u32)(k + 7 * outputs)};
  const auto w = halves(floats((size_t)outputs * k, 0.25f, values)), x = halves(floats((size_t)total * k, 2.0f, values));
  const auto biases = floats(outputs, 1.0f, values);
  const int steps = up(k, 16);
  Device raw = upload(w), bias = upload(biases), packed = on_device((size_t)up(outputs, 16) * steps * 512);
  launch("pack_linear", up(outputs, 16), 1, 256, {&raw, &packed, &outputs, &k});
  const auto all = project(PROJECTIONS[3], packed, x, bias, 0, total, k, outputs, 1);
  std::vector<double> exact(all.size());
  for (int r = 0; r < total; r++)
    for (int o = 0; o < outputs; o++) {
      double sum = 0.5 + biases[o];
      for (int i = 0; i < k; i++) sum += (double)of_bf16(x[(size_t)r * k + i]) * of_bf16(w[(size_t)o * k + i]);
      exact[(size_t)r * outputs + o] = sum;
    }
  say(distance(all.data(), exact.data(), all.size()) < 1e-5, "WRONG %s: the error at %d x %d is too large\n", "linear", k, outputs);
  for (const Projection& p : PROJECTIONS) {
    const int most = total < p.rows ? total : p.rows;
    const auto y = project(p, packed, x, bias, 0, most, k, outputs, 0);
    print_hash(p.name, k, outputs, y.data(), y.size() * 4);
    for (int rows : {1, 7, 8, 9, 17, 33, 65})
      if (rows <= total && (rows <= p.rows || p.rows >= 64)) {
        const int first = (total - rows) / 2;
        const auto some = project(p, packed, x, bias, first, rows, k, outputs, 1);
        say(memcmp(some.data(), &all[(size_t)first * outputs], some.size() * 4) == 0,
            "WRONG %s: %d rows from row %d on have other bits\n", p.name, rows, first);
      }
  }
}

static void projection_f32(int k, int outputs, int rows) {
  Values values{5};
  Device w = upload(floats((size_t)outputs * k, 0.25f, values)), x = upload(floats((size_t)rows * k, 2.0f, values)),
         bias = upload(floats(outputs, 1.0f, values)), to = upload(floats((size_t)rows * outputs, 1.0f, values));
  int adds = 1;
  launch("linear_f32", outputs, rows, 32, {&w, &x, &bias, &to, &k, &outputs, &adds});
  print_hash("linear_f32", k, outputs, to, (size_t)rows * outputs * 4);
}

// The residual stream: experts' results added, two norms and the gate. Every second row, then all of them.
static void norms(int width, int rows, int experts, bool packs) {
  Values values{(u32)width};
  int choices = 2, none = 0;
  float epsilon = 1e-5f;
  const auto x = floats((size_t)rows * width, 2.0f, values), y = floats((size_t)rows * choices * width, 1.0f, values),
             weights = floats((size_t)rows * choices, 1.0f, values), gain = floats(width, 1.0f, values);
  const auto shift = floats(width, 1.0f, values), gate = floats((size_t)experts * width, 0.25f, values);
  Device residual = upload(x), results = upload(y), share = upload(weights), g = upload(gain), b = upload(shift), table = upload(gate);
  const int padded = packs ? up(rows, 8) * 8 : rows, columns = packs ? up(width, 16) * 16 : width;
  const size_t bytes = (size_t)padded * columns * (packs ? 2 : 4), plain = (size_t)rows * width * (packs ? 2 : 4);
  Device combined = unwritten((size_t)rows * width * 4), normed = unwritten(bytes), dispatch = unwritten(plain),
         logits = unwritten((size_t)rows * experts * 4), sources = 0;
  const char *combine = packs ? "combine_norm_bf16" : "combine_norm_f32", *route = packs ? "norm_gate_bf16" : "norm_gate_f32";
  launch(combine, padded, 1, 256, {&residual, &sources, &results, &share, &combined, &g, &b, &normed, &rows, &width, &choices, &epsilon});
  print_hash(combine, width, rows, normed, bytes);
  launch(route, rows, 1, 256, {&combined, &g, &b, &table, &dispatch, &logits, &width, &experts, &epsilon});
  print_hash(route, width, rows, logits, (size_t)rows * experts * 4);
  const auto sums = floats_of(combined, x.size()), scores = floats_of(logits, (size_t)rows * experts);
  std::vector<double> exact(scores.size());
  for (int r = 0; r < rows; r++) {
    double mean = 0, squares = 0;
    for (int i = 0; i < width; i++) {
      const size_t at = (size_t)r * width + i;
      const float wanted = x[at] + (weights[2 * r] * y[(size_t)2 * r * width + i] + weights[2 * r + 1] * y[(size_t)(2 * r + 1) * width + i]);
      say(sums[at] == wanted, "WRONG %s: row %d, element %d is another sum\n", combine, r, i);
      mean += wanted;
    }
    mean /= width;
    for (int i = 0; i < width; i++) squares += pow(sums[(size_t)r * width + i] - mean, 2);
    for (int e = 0; e < experts; e++)
      for (int i = 0; i < width; i++)
        exact[(size_t)r * experts + e] +=
            ((sums[(size_t)r * width + i] - mean) / sqrt(squares / width + epsilon) * gain[i] + shift[i]) * gate[(size_t)e * width + i];
  }
  say(distance(scores.data(), exact.data(), scores.size()) < 2e-5, "WRONG %s: the error at %d, %d rows, is too large\n", route, width, rows);
  // The rows in reverse, without experts: as the head asks for them.
  std::vector<int> reversed(rows);
  for (int i = 0; i < rows; i++) reversed[i] = rows - 1 - i;
  Device from = upload(reversed), other = unwritten((size_t)rows * width * 4);
  launch(combine, padded, 1, 256, {&combined, &from, &results, &share, &other, &g, &b, &normed, &rows, &width, &none, &epsilon});
  const auto gathered = floats_of(other, x.size());
  for (int r = 0; r < rows; r++)
    say(memcmp(&gathered[(size_t)r * width], &sums[(size_t)(rows - 1 - r) * width], width * 4) == 0,
        "WRONG %s: row %d isn't row %d of the residual\n", combine, r, rows - 1 - r);
}

static void embeddings() {
  Values values{3};
  int width = 70, rows = 5;
  const auto table = floats((size_t)9 * width, 1.0f, values);
  const std::vector<int> tokens = {8, 0, 3, 3, 7};
  Device half = upload(halves(table)), whole = upload(table), ids = upload(tokens), to = unwritten((size_t)rows * width * 4);
  launch("embed_bf16", rows, 1, 256, {&half, &ids, &to, &width});
  print_hash("embed_bf16", width, rows, to, (size_t)rows * width * 4);
  launch("embed_f32", rows, 1, 256, {&whole, &ids, &to, &width});
  const auto got = floats_of(to, (size_t)rows * width);
  for (int r = 0; r < rows; r++)
    say(memcmp(&got[(size_t)r * width], &table[(size_t)tokens[r] * width], width * 4) == 0,
        "WRONG %s: row %d isn't token %d\n", "embed_f32", r, tokens[r]);
  print_hash("embed_f32", width, rows, to, (size_t)rows * width * 4);
}
