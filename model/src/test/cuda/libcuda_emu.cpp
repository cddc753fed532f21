// A libcuda with the driver's C ABI that runs our kernels on the host, and fails on request. Streams are threads, so
// that missing synchronisation shows. Faults: cheshire_emu_faults("launch=3:700 oom=1048576 ..."), or a file beside the
// library: LIBRARY.faults, which the first process to start takes away, or LIBRARY.faults.PID for one that runs.
#include "emu.cpp"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>

#include "cheshire.cu"

typedef int CUresult;
typedef unsigned long long CUdeviceptr;
#define API extern "C" __attribute__((visibility("default"))) CUresult

namespace {
constexpr int SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, INVALID_DEVICE = 101;
constexpr int UNSUPPORTED_PTX = 222, NOT_FOUND = 500, NOT_READY = 600, LAUNCH_FAILED = 719, NOT_SUPPORTED = 801;
constexpr size_t PAGE = 4096;

// What is to go wrong; 0: nothing. Launches are counted from 1, from the moment that faults were set.
struct Faults {
  long launch = 0, code = 0; // that launch ends with a sticky error
  long refuse = 0, refusal = 0; // that launch isn't begun
  long hang = 0;             // that launch never ends
  long flip = 0;             // from that launch on one sum of every mma has a flipped bit
  long grid = 0;             // that launch runs with one block less
  long skip = 0;             // that launch does nothing
  long slow_us = 0;          // every launch takes so much longer
  long oom = -1;             // device memory, in bytes
  long host_oom = -1;        // pinned memory, in bytes
  long load = 0;             // what loading a module answers
  long early = 0;            // values are written before what is ahead of them in the stream
  long nowrite = 0;          // streams refuse to write values
  long late = 0, late_us = 0; // that value arrives so much later, and what is behind it in the stream doesn't wait
  long busy = 0;             // so many times retaining the context answers that the device is busy
  long arch = 90;
  long devices = 1;
  long seed = 1;
} faults;

std::mutex mutex; // of everything below
bool initialized;
long launches, writes;
volatile int sticky;
size_t device_bytes, host_bytes;
std::map<char*, size_t> device_blocks, host_blocks; // begin -> bytes
std::mutex grid_mutex;                              // the emulated device runs one grid at a time

void set_faults(const char* text) {
  Faults f;
  std::istringstream words(text);
  std::string word;
  while (words >> word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals), value = equals == std::string::npos ? "1" : word.substr(equals + 1);
    const long number = atol(value.c_str());
    const size_t colon = value.find(':');
    if (name == "launch") f.launch = number, f.code = colon == std::string::npos ? LAUNCH_FAILED : atol(value.c_str() + colon + 1);
    else if (name == "refuse") f.refuse = number, f.refusal = colon == std::string::npos ? INVALID_VALUE : atol(value.c_str() + colon + 1);
    else if (name == "hang") f.hang = number;
    else if (name == "flip") f.flip = number;
    else if (name == "grid") f.grid = number;
    else if (name == "skip") f.skip = number;
    else if (name == "slow") f.slow_us = number;
    else if (name == "oom") f.oom = number;
    else if (name == "host-oom") f.host_oom = number;
    else if (name == "load") f.load = number;
    else if (name == "early") f.early = number;
    else if (name == "nowrite") f.nowrite = number;
    else if (name == "late") f.late = number, f.late_us = colon == std::string::npos ? 3600000000 : atol(value.c_str() + colon + 1);
    else if (name == "busy") f.busy = number;
    else if (name == "arch") f.arch = number;
    else if (name == "devices") f.devices = number;
    else if (name == "seed") f.seed = number;
    else {
      fprintf(stderr, "emulated libcuda: unknown fault %s\n", word.c_str());
      abort();
    }
  }
  faults = f;
  launches = writes = 0;
}

// The file beside the library, for processes that no test can reach into; for one of them.
void take_faults_file(const std::string& suffix) {
  Dl_info self;
  if (!dladdr((void*)&set_faults, &self)) return;
  const std::string path = std::string(self.dli_fname) + ".faults" + suffix, taken = path + ".taken";
  if (rename(path.c_str(), taken.c_str()) != 0) return;
  char text[512] = {};
  FILE* file = fopen(taken.c_str(), "rb");
  if (file == nullptr) return;
  fread(text, 1, sizeof(text) - 1, file);
  set_faults(text); // an empty file takes back what was wrong
  fclose(file);
}

// For a process that runs already: LIBRARY.faults.PID, looked for with every launch and allocation.
void take_faults_file_of_process() {
  static const std::string suffix = "." + std::to_string(getpid());
  take_faults_file(suffix);
}

struct Stream {
  std::deque<std::function<void()>> queue;
  std::mutex mutex;
  std::condition_variable changed;
  int pending = 0;
  bool closed = false;
  std::thread worker;

  Stream() : worker([this] { work(); }) {}
  void work() {
    for (;;) {
      std::function<void()> next;
      {
        std::unique_lock<std::mutex> lock(mutex);
        changed.wait(lock, [this] { return closed || !queue.empty(); });
        if (queue.empty()) return;
        next = queue.front();
        queue.pop_front();
      }
      if (!sticky) next();
      std::lock_guard<std::mutex> lock(mutex);
      pending--;
    }
  }
  void put(std::function<void()> work) {
    std::lock_guard<std::mutex> lock(mutex);
    pending++;
    queue.push_back(std::move(work));
    changed.notify_one();
  }
  bool idle() {
    std::lock_guard<std::mutex> lock(mutex);
    return pending == 0;
  }
};

// Ends at an unmapped page and starts as NaN: reading or writing past it crashes, reading what nobody wrote shows.
char* allocate(size_t bytes) {
  const size_t pages = (bytes + PAGE - 1) / PAGE * PAGE;
  char* base = (char*)mmap(nullptr, pages + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return nullptr;
  mprotect(base + pages, PAGE, PROT_NONE);
  memset(base, 0xff, pages);
  return base + (pages - (bytes + 63) / 64 * 64); // aligned as the driver's are, at least as our kernels need
}
void release(char* begin, size_t bytes) {
  const size_t pages = (bytes + PAGE - 1) / PAGE * PAGE;
  munmap(begin - (pages - (bytes + 63) / 64 * 64), pages + PAGE);
}
bool inside(const std::map<char*, size_t>& blocks, const void* begin, size_t bytes) {
  auto after = blocks.upper_bound((char*)begin);
  if (after == blocks.begin()) return false;
  --after;
  return (char*)begin + bytes <= after->first + after->second;
}
CUresult take(std::map<char*, size_t>& blocks, size_t& used, long limit, size_t bytes, char** begin) {
  if (bytes == 0) return INVALID_VALUE;
  if (limit >= 0 && used + bytes > (size_t)limit) return OUT_OF_MEMORY;
  *begin = allocate(bytes);
  if (*begin == nullptr) return OUT_OF_MEMORY;
  blocks[*begin] = bytes;
  used += bytes;
  return SUCCESS;
}
CUresult give(std::map<char*, size_t>& blocks, size_t& used, char* begin) {
  const auto found = blocks.find(begin);
  if (found == blocks.end()) return INVALID_VALUE;
  release(begin, found->second);
  used -= found->second;
  blocks.erase(found);
  return SUCCESS;
}

struct Module {
  std::string ptx;
};
size_t total_bytes() { return faults.oom >= 0 ? faults.oom : 2ull << 30; }
} // namespace

#define GUARD                                    \
  std::lock_guard<std::mutex> guard(mutex);      \
  if (!initialized) return NOT_INITIALIZED;      \
  if (sticky) return sticky

// Not of the driver: what is to go wrong from now on.
extern "C" __attribute__((visibility("default"))) void cheshire_emu_faults(const char* text) {
  std::lock_guard<std::mutex> guard(mutex);
  set_faults(text);
}
// Not of the driver: launches since faults were set.
extern "C" __attribute__((visibility("default"))) long cheshire_emu_launches() {
  std::lock_guard<std::mutex> guard(mutex);
  return launches;
}
// Not of the driver: one sum of a tensor core, c + a * b over 16 values of bf16, for a test of its arithmetic.
extern "C" __attribute__((visibility("default"))) float cheshire_emu_sum(const u16* a, const u16* b, float c, int arch) {
  const emu::Numerics numerics = arch >= 90 ? emu::F25K16 : emu::F24K8;
  emu::Fiber lanes[32];
  float d[32][4] = {};
  u32 fa[32][4] = {}, fb[32][2] = {};
  for (int l = 0; l < 32; l++) {
    lanes[l].d = d[l];
    lanes[l].a = fa[l];
    lanes[l].b = fb[l];
  }
  d[0][0] = c;
  for (int t = 0; t < 4; t++)
    for (int h = 0; h < 2; h++) {
      fa[t][2 * h] = a[2 * t + 8 * h] | (u32)a[2 * t + 1 + 8 * h] << 16;
      fb[t][h] = b[2 * t + 8 * h] | (u32)b[2 * t + 1 + 8 * h] << 16;
    }
  emu::warp_mma(lanes, numerics, 0);
  return d[0][0];
}

API cuInit(unsigned) {
  std::lock_guard<std::mutex> guard(mutex);
  if (!initialized) take_faults_file("");
  initialized = true;
  return faults.devices > 0 ? SUCCESS : 100;
}
API cuDriverGetVersion(int* version) {
  *version = 13000;
  return SUCCESS;
}
API cuDeviceGetCount(int* count) {
  GUARD;
  *count = (int)faults.devices;
  return SUCCESS;
}
API cuDeviceGet(int* device, int ordinal) {
  GUARD;
  *device = ordinal;
  return ordinal >= 0 && ordinal < faults.devices ? SUCCESS : INVALID_DEVICE;
}
API cuDeviceGetName(char* name, int length, int) {
  snprintf(name, length, "emulated on the host, sm_%ld", faults.arch);
  return SUCCESS;
}
API cuDeviceGetUuid_v2(void* uuid, int device) {
  for (int i = 0; i < 16; i++) ((char*)uuid)[i] = (char)(i * 16 + device);
  return SUCCESS;
}
API cuDeviceGetAttribute(int* value, int attribute, int) {
  GUARD;
  switch (attribute) {
    case 75: *value = (int)faults.arch / 10; break; // compute capability
    case 76: *value = (int)faults.arch % 10; break;
    case 16: *value = 1; break; // multiprocessors
    case 18: *value = 0; break; // integrated
    default: *value = 0;
  }
  return SUCCESS;
}
API cuDeviceTotalMem_v2(size_t* bytes, int) {
  GUARD;
  *bytes = total_bytes();
  return SUCCESS;
}
API cuDevicePrimaryCtxRetain(void** context, int device) {
  GUARD;
  if (faults.busy > 0) return faults.busy--, 46;
  *context = (void*)(uintptr_t)(device + 1);
  return SUCCESS;
}
API cuDevicePrimaryCtxRelease_v2(int) {
  GUARD;
  return SUCCESS;
}
API cuCtxSetCurrent(void* context) {
  GUARD;
  return context == nullptr ? INVALID_VALUE : SUCCESS;
}
API cuMemGetInfo_v2(size_t* free_bytes, size_t* all_bytes) {
  GUARD;
  *all_bytes = total_bytes();
  *free_bytes = total_bytes() > device_bytes ? total_bytes() - device_bytes : 0;
  return SUCCESS;
}
API cuModuleLoadDataEx(void** module, const void* image, unsigned, void*, void*) {
  GUARD;
  if (faults.load) return (CUresult)faults.load;
  const std::string ptx((const char*)image);
  const size_t at = ptx.find(".version ");
  if (at == std::string::npos || atof(ptx.c_str() + at + 9) > 9.0) return UNSUPPORTED_PTX;
  *module = new Module{ptx};
  return SUCCESS;
}
API cuModuleUnload(void* module) {
  GUARD;
  delete (Module*)module;
  return SUCCESS;
}
API cuModuleGetFunction(void** function, void* module, const char* name) {
  GUARD;
  const auto found = emu::kernels().find(name);
  const bool in_ptx = ((Module*)module)->ptx.find(std::string(".entry ") + name + "(") != std::string::npos;
  if (found == emu::kernels().end() || !in_ptx) return NOT_FOUND;
  *function = &found->second;
  return SUCCESS;
}
API cuFuncGetAttribute(int* value, int attribute, void* function) {
  GUARD;
  *value = attribute == 0 ? ((emu::Entry*)function)->threads : 0;
  return SUCCESS;
}
API cuFuncGetParamInfo(void* function, size_t index, size_t* offset, size_t* size) {
  GUARD;
  const std::vector<size_t>& sizes = ((emu::Entry*)function)->sizes;
  if (index >= sizes.size()) return INVALID_VALUE;
  size_t at = 0;
  for (size_t i = 0; i <= index; i++) {
    at = (at + sizes[i] - 1) / sizes[i] * sizes[i];
    *offset = at;
    at += sizes[i];
  }
  *size = sizes[index];
  return SUCCESS;
}
API cuMemAlloc_v2(CUdeviceptr* pointer, size_t bytes) {
  GUARD;
  take_faults_file_of_process();
  char* begin;
  const CUresult result = take(device_blocks, device_bytes, faults.oom, bytes, &begin);
  if (result == SUCCESS) *pointer = (CUdeviceptr)begin;
  return result;
}
API cuMemFree_v2(CUdeviceptr pointer) {
  GUARD;
  return give(device_blocks, device_bytes, (char*)pointer);
}
API cuMemHostAlloc(void** pointer, size_t bytes, unsigned) {
  GUARD;
  char* begin;
  const CUresult result = take(host_blocks, host_bytes, faults.host_oom, bytes, &begin);
  if (result == SUCCESS) *pointer = begin;
  return result;
}
API cuMemFreeHost(void* pointer) {
  GUARD;
  return give(host_blocks, host_bytes, (char*)pointer);
}
API cuMemHostGetDevicePointer_v2(CUdeviceptr* device, void* host, unsigned) {
  GUARD;
  if (!inside(host_blocks, host, 1)) return INVALID_VALUE;
  *device = (CUdeviceptr)host;
  return SUCCESS;
}
API cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t bytes, void* stream) {
  GUARD;
  if (!inside(device_blocks, (void*)to, bytes)) return INVALID_VALUE;
  ((Stream*)stream)->put([=] { memset((void*)to, value, bytes); });
  return SUCCESS;
}
API cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, void* stream) {
  GUARD;
  if (!inside(device_blocks, (void*)to, bytes) || !inside(host_blocks, from, bytes)) return INVALID_VALUE;
  ((Stream*)stream)->put([=] { memcpy((void*)to, from, bytes); });
  return SUCCESS;
}
API cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, void* stream) {
  GUARD;
  if (!inside(device_blocks, (void*)from, bytes) || !inside(host_blocks, to, bytes)) return INVALID_VALUE;
  ((Stream*)stream)->put([=] { memcpy(to, (void*)from, bytes); });
  return SUCCESS;
}
API cuStreamCreateWithPriority(void** stream, unsigned, int) {
  GUARD;
  *stream = new Stream;
  return SUCCESS;
}
API cuStreamQuery(void* stream) {
  GUARD;
  return ((Stream*)stream)->idle() ? SUCCESS : NOT_READY;
}
API cuStreamDestroy_v2(void* stream) {
  Stream* s = (Stream*)stream;
  {
    GUARD;
    std::lock_guard<std::mutex> lock(s->mutex);
    s->closed = true;
    s->changed.notify_one();
  }
  s->worker.join();
  delete s;
  return SUCCESS;
}
API cuStreamWriteValue32_v2(void* stream, CUdeviceptr to, unsigned value, unsigned) {
  GUARD;
  if (faults.nowrite) return NOT_SUPPORTED;
  if (!inside(host_blocks, (void*)to, 4)) return INVALID_VALUE;
  const auto write = [=] { __atomic_store_n((u32*)to, value, __ATOMIC_RELEASE); };
  const bool late = ++writes == faults.late;
  const long late_us = faults.late_us;
  const auto write_late = [=] {
    std::thread([=] {
      std::this_thread::sleep_for(std::chrono::microseconds(late_us));
      std::lock_guard<std::mutex> guard(mutex);
      if (inside(host_blocks, (void*)to, 4)) write();
    }).detach();
  };
  if (faults.early) write();
  else if (late) ((Stream*)stream)->put(write_late);
  else ((Stream*)stream)->put(write);
  return SUCCESS;
}
API cuLaunchKernel(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned shared_bytes, void* stream, void** parameters, void** extra) {
  GUARD;
  const emu::Entry* entry = (emu::Entry*)function;
  if (extra || shared_bytes || grid_z != 1 || block_y != 1 || block_z != 1 || (int)block_x != entry->threads) return INVALID_VALUE;
  if (grid_x == 0 || grid_y == 0 || grid_x > 0x7fffffff || grid_y > 65535) return INVALID_VALUE;
  take_faults_file_of_process();
  const long number = ++launches;
  const Faults now = faults;
  if (number == now.refuse) return (CUresult)now.refusal;
  auto copied = std::make_shared<std::vector<std::vector<char>>>();
  for (size_t i = 0; i < entry->sizes.size(); i++)
    copied->emplace_back((char*)parameters[i], (char*)parameters[i] + entry->sizes[i]);
  ((Stream*)stream)->put([=] {
    if (number == now.launch) {
      sticky = (int)now.code;
      return;
    }
    if (number == now.hang)
      for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    if (now.slow_us) std::this_thread::sleep_for(std::chrono::microseconds(now.slow_us));
    if (number == now.skip) return;
    std::vector<void*> p;
    for (auto& c : *copied) p.push_back(c.data());
    std::lock_guard<std::mutex> one(grid_mutex);
    emu::state.numerics = now.arch >= 90 ? emu::F25K16 : emu::F24K8;
    emu::state.seed = now.seed == 0 ? 0 : now.seed * 1000003 + number;
    emu::state.flipped_bits = now.flip && number >= now.flip ? 1u << 20 : 0;
    const int blocks = (int)grid_x - (number == now.grid);
    const std::string wrong = emu::run_grid(blocks, (int)grid_y, (int)block_x, [&] { entry->call(p.data()); });
    if (!wrong.empty()) {
      fprintf(stderr, "emulated device: %s\n", wrong.c_str());
      sticky = LAUNCH_FAILED;
    }
  });
  return SUCCESS;
}
API cuGetErrorName(int code, const char** text) {
  static thread_local char name[32];
  snprintf(name, sizeof(name), "EMULATED_ERROR_%d", code);
  *text = name;
  return SUCCESS;
}
API cuGetErrorString(int, const char** text) {
  *text = "emulated";
  return SUCCESS;
}
