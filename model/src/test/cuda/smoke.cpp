// Runs every kernel by the driver's ABI alone: `smoke LIBCUDA PTX [FAULTS [quick|time|time-small]]`. The same binary runs
// on the emulator, which FAULTS are for, and on a GPU. It checks that all tilings and batches give a row the same bits,
// that they are near a sum in double, and prints a hash of each kernel's output. Answers 0, 1 (wrong bits) or 2 (the
// driver refused).
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <string>
#include <vector>

typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef unsigned long long Device;

static void* library;
static void* stream;
static void* module;
static volatile u32* flag;
static u32 tickets;
static int wrong;

template <class... A>
static int call(const char* name, A... a) {
  void* f = dlsym(library, name);
  if (!f) {
    printf("missing %s\n", name);
    exit(2);
  }
  return ((int (*)(A...))f)(a...);
}
static void ok(int result, const char* what) {
  if (result == 0) return;
  printf("%s answered %d\n", what, result);
  exit(2);
}
static float float_of(u32 b) {
  float f;
  memcpy(&f, &b, 4);
  return f;
}
static float of_bf16(u16 h) { return float_of((u32)h << 16); }
static u16 to_bf16(float f) {
  u32 b;
  memcpy(&b, &f, 4);
  return (u16)((b + 0x7fffu + ((b >> 16) & 1)) >> 16);
}
// The same values in Java's SelfTest: bf16 in (-1, 1), scaled.
struct Values {
  u32 state;
  float next(float scale) {
    state = state * 1664525u + 1013904223u;
    return ((int)(state >> 8) - (1 << 23)) * (1.0f / (1 << 23)) * scale;
  }
};
static u64 hash(const void* p, size_t bytes) {
  u64 h = 0xcbf29ce484222325ull;
  for (size_t i = 0; i < bytes; i++) h = (h ^ ((const unsigned char*)p)[i]) * 1099511628211ull;
  return h;
}
static void* pinned(size_t bytes) {
  void* p;
  ok(call("cuMemHostAlloc", &p, bytes, 3u), "cuMemHostAlloc");
  return p;
}
static Device on_device(size_t bytes) {
  Device p;
  ok(call("cuMemAlloc_v2", &p, bytes), "cuMemAlloc");
  return p;
}
// What is queued ends with the writing of a ticket.
static void await(u32 ticket) {
  const time_t begin = time(nullptr);
  for (u64 spins = 1; *flag != ticket; spins++) {
    if (spins > 10000) usleep(20);
    if (spins % 20000 == 0) {
      const int state = call("cuStreamQuery", stream);
      if (state == 0 && *flag != ticket && time(nullptr) - begin > 2) ok(999, "a ticket: all is done, its flag is stale");
      if (state != 0 && state != 600) ok(state, "a kernel");
      if (time(nullptr) - begin > 60) ok(600, "a kernel that never ended");
    }
  }
}
static void finish() {
  const u32 ticket = ++tickets;
  ok(call("cuStreamWriteValue32_v2", stream, (Device)(uintptr_t)flag, ticket, 0u), "cuStreamWriteValue32");
  await(ticket);
}
static void launch(const char* name, int grid_x, int grid_y, int threads, std::vector<void*> parameters) {
  void* function;
  ok(call("cuModuleGetFunction", &function, module, name), name);
  ok(call("cuLaunchKernel", function, (unsigned)grid_x, (unsigned)grid_y, 1u, (unsigned)threads, 1u, 1u, 0u, stream,
          parameters.data(), (void**)nullptr),
     name);
}
static Device upload(const void* from, size_t bytes) {
  void* host = pinned(bytes);
  memcpy(host, from, bytes);
  const Device to = on_device(bytes);
  ok(call("cuMemcpyHtoDAsync_v2", to, host, bytes, stream), "cuMemcpyHtoD");
  finish();
  call("cuMemFreeHost", host);
  return to;
}
static std::vector<char> download(Device from, size_t bytes) {
  char* host = (char*)pinned(bytes);
  ok(call("cuMemcpyDtoHAsync_v2", (void*)host, from, bytes, stream), "cuMemcpyDtoH");
  finish();
  std::vector<char> copy(host, host + bytes);
  call("cuMemFreeHost", (void*)host);
  return copy;
}

static int up(int a, int b) { return (a + b - 1) / b; }

struct Tiling {
  const char *gate_up, *down;
  int rows, gate_tiles, down_tiles; // of one block
};
static const Tiling TILINGS[] = {{"gate_up_r8", "down_r8", 8, 4, 1},
                                 {"gate_up_r16", "down_r16", 16, 4, 1},
                                 {"gate_up_t64", "down_t64", 64, 8, 8},
                                 {"gate_up_t128", "down_t128", 128, 8, 8}};

struct Expert {
  int k, ffn;
  std::vector<u16> w1, w2, w3, x;
  Device gate_up, down;
  int total;

  Expert(int k, int ffn, int total) : k(k), ffn(ffn), total(total) {
    Values values{(u32)(k * 31 + ffn)};
    for (auto* w : {&w1, &w3}) {
      w->resize((size_t)ffn * k);
      for (auto& v : *w) v = to_bf16(values.next(0.25f));
    }
    w2.resize((size_t)k * ffn);
    for (auto& v : w2) v = to_bf16(values.next(0.25f));
    x.resize((size_t)total * k);
    for (auto& v : x) v = to_bf16(values.next(2.0f));
    int steps = up(k, 16), ffn_steps = up(ffn, 16);
    Device raw1 = upload(w1.data(), w1.size() * 2), raw2 = upload(w2.data(), w2.size() * 2), raw3 = upload(w3.data(), w3.size() * 2);
    gate_up = on_device((size_t)ffn_steps * 2 * steps * 512);
    down = on_device((size_t)steps * ffn_steps * 512);
    launch("pack_gate_up", ffn_steps * 2, 1, 256, {&raw1, &raw3, &gate_up, &this->ffn, &this->k});
    launch("pack_linear", steps, 1, 256, {&raw2, &down, &this->k, &this->ffn});
    finish();
    for (Device raw : {raw1, raw2, raw3}) call("cuMemFree_v2", raw);
  }

  std::vector<float> run(const Tiling& tiling, int first, int rows, u64* hashes) {
    const int steps = up(k, 16), ffn_steps = up(ffn, 16), row_tiles = up(rows, 8);
    u16* in = (u16*)pinned((size_t)rows * k * 2);
    float* out = (float*)pinned((size_t)rows * k * 4);
    memcpy(in, &x[(size_t)first * k], (size_t)rows * k * 2);
    Device packed = on_device((size_t)row_tiles * steps * 256), activated = on_device((size_t)row_tiles * ffn_steps * 256);
    launch("pack_rows", row_tiles, 1, 256, {&in, &packed, &rows, &k});
    launch(tiling.gate_up, up(ffn_steps * 2, tiling.gate_tiles), up(rows, tiling.rows), 256,
           {&gate_up, &packed, &activated, &rows, &k, &ffn});
    launch(tiling.down, up(steps, tiling.down_tiles), up(rows, tiling.rows), 256, {&down, &activated, &out, &rows, &ffn, &k});
    finish();
    std::vector<float> copy(out, out + (size_t)rows * k);
    if (hashes) {
      const auto p = download(packed, (size_t)row_tiles * steps * 256), a = download(activated, (size_t)row_tiles * ffn_steps * 256);
      hashes[0] = hash(p.data(), p.size());
      hashes[1] = hash(a.data(), a.size());
      hashes[2] = hash(copy.data(), copy.size() * 4);
    }
    call("cuMemFree_v2", packed);
    call("cuMemFree_v2", activated);
    call("cuMemFreeHost", (void*)in);
    call("cuMemFreeHost", (void*)out);
    return copy;
  }

  double error(const std::vector<float>& y, int rows) {
    double difference = 0, norm = 0;
    std::vector<double> h(ffn);
    for (int r = 0; r < rows; r++) {
      for (int f = 0; f < ffn; f++) {
        double gate = 0, above = 0;
        for (int i = 0; i < k; i++) {
          gate += (double)of_bf16(x[(size_t)r * k + i]) * of_bf16(w1[(size_t)f * k + i]);
          above += (double)of_bf16(x[(size_t)r * k + i]) * of_bf16(w3[(size_t)f * k + i]);
        }
        h[f] = gate / (1 + exp(-gate)) * above;
      }
      for (int o = 0; o < k; o++) {
        double sum = 0;
        for (int f = 0; f < ffn; f++) sum += h[f] * of_bf16(w2[(size_t)o * ffn + f]);
        const double d = sum - y[(size_t)r * k + o];
        difference += d * d;
        norm += sum * sum;
      }
    }
    return sqrt(difference / norm);
  }
};

static void say(bool right, const char* format, const char* name, int a, int b) {
  if (right) return;
  wrong = 1;
  printf(format, name, a, b);
}

static void compare(Expert& e, const std::vector<float>& all, const Tiling& tiling, int first, int rows) {
  const auto some = e.run(tiling, first, rows, nullptr);
  const bool same = memcmp(some.data(), &all[(size_t)first * e.k], some.size() * 4) == 0;
  say(same, "WRONG %s: %d rows from row %d on have other bits\n", tiling.down, rows, first);
}

static void bf16_kernels(int k, int ffn, int total) {
  Expert e(k, ffn, total);
  std::vector<float> all;
  for (const Tiling& tiling : TILINGS) {
    const int rows = total < tiling.rows ? total : tiling.rows;
    u64 h[3];
    const auto y = e.run(tiling, 0, rows, h);
    if (&tiling == TILINGS) printf("hash pack_rows %d,%d %016llx\n", k, ffn, (unsigned long long)h[0]);
    printf("hash %s %d,%d %016llx\n", tiling.gate_up, k, ffn, (unsigned long long)h[1]);
    printf("hash %s %d,%d %016llx\n", tiling.down, k, ffn, (unsigned long long)h[2]);
  }
  all = e.run(TILINGS[3], 0, total, nullptr);
  const double error = e.error(all, total < 20 ? total : 20);
  printf("error %d,%d %.2e\n", k, ffn, error);
  if (!(error < 4e-3)) say(false, "WRONG %s: the error at %d x %d is too large\n", "down", k, ffn);
  for (const Tiling& tiling : TILINGS)
    for (int rows : {1, 2, 7, 8, 9, 15, 16, 17, 33, 64, 65, 128, 130})
      if (rows <= total && (rows <= tiling.rows || tiling.rows >= 64)) compare(e, all, tiling, (total - rows) / 2, rows);
  call("cuMemFree_v2", e.gate_up);
  call("cuMemFree_v2", e.down);
}

static void fp32_kernels(int k, int ffn, int rows) {
  Values values{77};
  std::vector<float> w1((size_t)ffn * k), w3(w1.size()), w2(w1.size()), x((size_t)rows * k);
  for (auto* w : {&w1, &w3, &w2})
    for (auto& v : *w) v = values.next(0.25f);
  for (auto& v : x) v = values.next(2.0f);
  Device d1 = upload(w1.data(), w1.size() * 4), d2 = upload(w2.data(), w2.size() * 4), d3 = upload(w3.data(), w3.size() * 4);
  Device dx = upload(x.data(), x.size() * 4), act = on_device((size_t)rows * ffn * 4);
  float* out = (float*)pinned((size_t)rows * k * 4);
  launch("gate_up_f32", ffn, rows, 32, {&d1, &d3, &dx, &act, &k, &ffn});
  launch("down_f32", k, rows, 32, {&d2, &act, &out, &ffn, &k});
  u32 value = ++tickets;
  launch("ticket", 1, 1, 32, {(void*)&flag, &value});
  await(value);
  const auto a = download(act, (size_t)rows * ffn * 4);
  printf("hash gate_up_f32 %d,%d %016llx\n", k, ffn, (unsigned long long)hash(a.data(), a.size()));
  printf("hash down_f32 %d,%d %016llx\n", k, ffn, (unsigned long long)hash(out, (size_t)rows * k * 4));
}

#include "smoke_attention.hpp"

// All that a router computes.
static void router_kernels(bool quick) {
  if (!quick) projections(192, 256, 130);
  projections(70, 33, 20);
  projection_f32(70, 33, 5);
  for (bool packs : {true, false}) norms(70, 5, 10, packs);
  if (!quick) norms(700, 9, 16, true);
  embeddings();
  attention(quick);
}

#include "smoke_timing.hpp"

int main(int count, char** arguments) {
  if (count < 3) {
    printf("usage: smoke LIBCUDA PTX [FAULTS [quick|time|time-small]]\n");
    return 2;
  }
  library = dlopen(arguments[1], RTLD_NOW);
  if (!library) {
    printf("%s\n", dlerror());
    return 2;
  }
  if (count > 3) {
    void* faults = dlsym(library, "cheshire_emu_faults");
    if (faults) ((void (*)(const char*))faults)(arguments[3]);
  }
  std::string ptx;
  FILE* file = fopen(arguments[2], "rb");
  for (int c; file && (c = fgetc(file)) != EOF;) ptx.push_back((char)c);
  int device;
  void* context;
  ok(call("cuInit", 0u), "cuInit");
  ok(call("cuDeviceGet", &device, 0), "cuDeviceGet");
  ok(call("cuDevicePrimaryCtxRetain", &context, device), "cuDevicePrimaryCtxRetain");
  ok(call("cuCtxSetCurrent", context), "cuCtxSetCurrent");
  ok(call("cuModuleLoadDataEx", &module, ptx.c_str(), 0u, (void*)nullptr, (void*)nullptr), "cuModuleLoadDataEx");
  ok(call("cuStreamCreateWithPriority", &stream, 1u, 0), "cuStreamCreateWithPriority");
  flag = (volatile u32*)pinned(64);
  *flag = 0;
  if (count > 4 && strncmp(arguments[4], "time", 4) == 0) {
    const bool small = arguments[4][4];
    if (small) timing(192, 224, 1);
    else timing(4096, 6400, 20);
    router_timing(small);
    fflush(stdout);
    _Exit(0);
  }
  if (count <= 4) bf16_kernels(192, 224, 130); // 12 and 14 steps: slices of two
  bf16_kernels(70, 33, 20);    // nothing is a multiple of anything
  bf16_kernels(416, 48, 66);   // 26 steps: slices of four, the last ones short and empty
  fp32_kernels(70, 33, 5);
  router_kernels(count > 4);
  printf(wrong ? "WRONG\n" : "ALL RIGHT\n");
  fflush(stdout);
  _Exit(wrong);
}
