// The subset of CUDA that our kernels use, on the host: a fiber a thread, so that barriers and warp operations are real
// meeting points, and whatever a GPU leaves undefined (order of threads, unwritten memory) is made as bad as it can be.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#define DEV static inline
#define METHOD inline
#define KERNEL(name, threads, blocks) \
  static const int name##_threads = threads; \
  static void name
#define REGISTER(name) static const int name##_registered = emu::add(#name, name##_threads, &name);
// Poisoned anew for every block.
#define SHARED(type, name, dims) \
  static type name dims;         \
  emu::shared((void*)name, sizeof(name))

namespace emu {
// How a tensor core sums: Hopper and Blackwell, Ampere and Ada, or a plain chain of fma.
enum Numerics { F25K16, F24K8, CHAIN };
enum Wait { RUNS, AT_BARRIER, AT_MMA, AT_SHUFFLE };
struct Copy {
  void* to;
  const void* from;
  bool valid;
};
struct Fiber {
  void* sp = nullptr;
  char* stack = nullptr;
  int id = 0;
  Wait wait = RUNS;
  bool done = false;
  float* d = nullptr;
  const uint32_t* a = nullptr;
  const uint32_t* b = nullptr;
  float shuffled = 0;
  std::vector<std::vector<Copy>> groups; // asynchronous copies that nobody has waited for yet
};
struct State {
  Fiber* current = nullptr;
  int block_x = 0, block_y = 0, grid_x = 0;
  uint64_t seed = 1; // of thread orders; 0: ascending
  Numerics numerics = F25K16;
  uint32_t flipped_bits = 0; // xored into every first sum: silent corruption
  float lanes[32][32];       // what each lane of each warp gave to the last shuffle
};
extern State state;

// Runs one grid; what went wrong, or an empty text.
std::string run_grid(int grid_x, int grid_y, int threads, const std::function<void()>& body);
void wait(Wait what);
void shared(void* begin, size_t bytes);
void fail(const std::string& what);

struct Entry {
  std::function<void(void**)> call;
  std::vector<size_t> sizes; // of its parameters
  int threads;
};
std::map<std::string, Entry>& kernels();
template <class... A, size_t... I>
void invoke(void (*kernel)(A...), void** p, std::index_sequence<I...>) {
  kernel(*(A*)p[I]...);
}
template <class... A>
int add(const char* name, int threads, void (*kernel)(A...)) {
  kernels()[name] = Entry{
      [kernel](void** p) { invoke(kernel, p, std::index_sequence_for<A...>{}); }, {sizeof(A)...}, threads};
  return 0;
}
} // namespace emu

DEV Quad load_once(const Quad* p) {
  if ((uintptr_t)p & 15) emu::fail("a load of 16 bytes isn't aligned");
  return *p;
}
DEV void mma_bf16(float* d, const u32* a, const u32* b) {
  emu::Fiber* f = emu::state.current;
  f->d = d;
  f->a = a;
  f->b = b;
  emu::wait(emu::AT_MMA);
}
DEV void copy16_async(void* to, const void* from, bool valid) {
  if (((uintptr_t)to | (uintptr_t)from) & 15) emu::fail("a copy of 16 bytes isn't aligned");
  emu::state.current->groups.back().push_back({to, from, valid});
}
DEV void copy_commit() { emu::state.current->groups.emplace_back(); }
template <int PENDING>
DEV void copy_wait() { // as late as it may be: only what must have arrived has arrived
  auto& groups = emu::state.current->groups;
  while (groups.size() > PENDING + 1) {
    for (const emu::Copy& c : groups.front()) {
      if (c.valid) memcpy(c.to, c.from, 16);
      else memset(c.to, 0, 16);
    }
    groups.erase(groups.begin());
  }
}
DEV void block_sync() { emu::wait(emu::AT_BARRIER); }
DEV float shuffle(float value, int lane) {
  emu::Fiber* f = emu::state.current;
  f->shuffled = value;
  emu::wait(emu::AT_SHUFFLE);
  return emu::state.lanes[f->id >> 5][lane];
}
DEV float shuffle_xor(float value, int mask) { return shuffle(value, (emu::state.current->id & 31) ^ mask); }
DEV void store_release(u32* p, u32 value) { __atomic_store_n(p, value, __ATOMIC_RELEASE); }
DEV int thread_index() { return emu::state.current->id; }
DEV int block_x() { return emu::state.block_x; }
DEV int block_y() { return emu::state.block_y; }
DEV int grid_x() { return emu::state.grid_x; }
DEV float add_rn(float a, float b) { return a + b; }
DEV float mul_rn(float a, float b) { return a * b; }
DEV float fma_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
DEV float div_rn(float a, float b) { return a / b; }
DEV float sqrt_rn(float a) { return __builtin_sqrtf(a); }
DEV u32 bits_of(float f) {
  u32 b;
  memcpy(&b, &f, 4);
  return b;
}
DEV float float_of(u32 b) {
  float f;
  memcpy(&f, &b, 4);
  return f;
}
