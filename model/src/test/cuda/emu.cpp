#include "device.cuh"
#include "tensor_core.hpp"

#if defined(__x86_64__)
// Keeps what a call must keep; everything else is the compiler's business.
asm(R"(
.text
.globl emu_switch
emu_switch:
  push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15
  mov %rsp, (%rdi)
  mov %rsi, %rsp
  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp
  ret
)");
extern "C" void emu_switch(void** save, void* load);
#else
#error "the emulator switches fibers in x86-64 assembly; on other processors its tests are skipped"
#endif

namespace emu {
State state;
namespace {
constexpr size_t STACK_BYTES = 64 * 1024;
constexpr size_t SHARED_LIMIT_BYTES = 48 * 1024;
void* scheduler;
std::vector<Fiber> fibers;
const std::function<void()>* kernel_body;
std::string failure;
std::vector<std::pair<void*, u64>> shared_blocks; // which were poisoned for which block
size_t shared_bytes;
u64 block_serial;

void start() {
  (*kernel_body)();
  state.current->done = true;
  emu_switch(&state.current->sp, scheduler);
  abort();
}

u64 next_random(u64& s) {
  s ^= s << 13;
  s ^= s >> 7;
  s ^= s << 17;
  return s;
}

void prepare(int threads) {
  for (int i = 0; i < threads; i++) {
    Fiber& f = fibers[i];
    f.id = i;
    f.wait = RUNS;
    f.done = false;
    f.groups.assign(1, {});
    void** sp = (void**)(f.stack + STACK_BYTES - 16);
    *--sp = nullptr;
    *--sp = (void*)start;
    for (int k = 0; k < 6; k++) *--sp = nullptr;
    f.sp = sp;
  }
}

bool all_wait(int first, int count, Wait what) {
  for (int i = first; i < first + count; i++)
    if (fibers[i].done || fibers[i].wait != what) return false;
  return true;
}

void release(int first, int count) {
  for (int i = first; i < first + count; i++) fibers[i].wait = RUNS;
}

bool meet(int threads) {
  bool moved = false;
  for (int w = 0; w < threads; w += 32) {
    if (all_wait(w, 32, AT_MMA)) {
      warp_mma(&fibers[w], state.numerics, state.flipped_bits);
      release(w, 32);
      moved = true;
    } else if (all_wait(w, 32, AT_SHUFFLE)) {
      for (int l = 0; l < 32; l++) state.lanes[w >> 5][l] = fibers[w + l].shuffled;
      release(w, 32);
      moved = true;
    }
  }
  int live = 0, waiting = 0;
  for (int i = 0; i < threads; i++) {
    live += !fibers[i].done;
    waiting += !fibers[i].done && fibers[i].wait == AT_BARRIER;
  }
  if (live > 0 && waiting == live) {
    release(0, threads);
    moved = true;
  }
  return moved;
}

std::string deadlock(int threads) {
  int at[4] = {}, done = 0;
  for (int i = 0; i < threads; i++) {
    if (fibers[i].done) done++;
    else at[fibers[i].wait]++;
  }
  char text[200];
  snprintf(text, sizeof(text), "deadlock in block %d,%d: %d threads wait at a barrier, %d at an mma, %d at a shuffle, %d are done",
           state.block_x, state.block_y, at[AT_BARRIER], at[AT_MMA], at[AT_SHUFFLE], done);
  return text;
}

void run_block(int threads, std::vector<int>& order, u64& random) {
  prepare(threads);
  block_serial++;
  shared_bytes = 0;
  for (;;) {
    if (state.seed)
      for (int i = threads - 1; i > 0; i--) std::swap(order[i], order[next_random(random) % (i + 1)]);
    bool ran = false;
    for (const int i : order) {
      Fiber& f = fibers[i];
      if (f.done || f.wait != RUNS) continue;
      ran = true;
      state.current = &f;
      emu_switch(&scheduler, f.sp);
    }
    const bool moved = meet(threads);
    if (!failure.empty()) return;
    bool all_done = true;
    for (int i = 0; i < threads; i++) all_done &= fibers[i].done;
    if (all_done) return;
    if (!ran && !moved) {
      failure = deadlock(threads);
      return;
    }
  }
}
} // namespace

std::map<std::string, Entry>& kernels() {
  static std::map<std::string, Entry> all;
  return all;
}

void fail(const std::string& what) {
  if (failure.empty()) failure = what;
}

void wait(Wait what) {
  state.current->wait = what;
  emu_switch(&state.current->sp, scheduler);
}

void shared(void* begin, size_t bytes) {
  for (auto& block : shared_blocks)
    if (block.first == begin) {
      if (block.second == block_serial) return;
      block.second = block_serial;
      goto poison;
    }
  shared_blocks.emplace_back(begin, block_serial);
poison:
  memset(begin, 0xff, bytes);
  shared_bytes += bytes;
  if (shared_bytes > SHARED_LIMIT_BYTES) fail("a block has more than 48 KiB of shared memory");
}

std::string run_grid(int grid_x, int grid_y, int threads, const std::function<void()>& body) {
  failure.clear();
  kernel_body = &body;
  while ((int)fibers.size() < threads) {
    fibers.emplace_back();
    fibers.back().stack = (char*)aligned_alloc(64, STACK_BYTES);
  }
  std::vector<int> order(threads);
  for (int i = 0; i < threads; i++) order[i] = i;
  u64 random = state.seed * 0x9e3779b97f4a7c15ull | 1;
  state.grid_x = grid_x;
  for (state.block_y = 0; state.block_y < grid_y; state.block_y++)
    for (state.block_x = 0; state.block_x < grid_x; state.block_x++) {
      run_block(threads, order, random);
      if (!failure.empty()) return failure;
    }
  return "";
}
} // namespace emu
