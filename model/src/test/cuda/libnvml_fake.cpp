// A libnvidia-ml with the library's C ABI (nvml.h) that says of one GPU what a test tells it to:
// nvml_fake_tells("temperature=61 xid=79 lost ..."). What isn't told has a plain value; NAME=- isn't supported.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

#define API extern "C" __attribute__((visibility("default")))

namespace {
constexpr int SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TIMEOUT = 10;
constexpr int DRIVER_NOT_LOADED = 9, GPU_IS_LOST = 15;

struct Memory {
  unsigned long long total, free, used;
};
struct Event {
  void* device;
  unsigned long long type, data;
  unsigned gpu_instance, compute_instance;
};

std::mutex mutex;
std::map<std::string, std::string> told;
std::deque<unsigned long long> xids;
std::atomic<long> calls{0}, open_count{0};
int gpu, event_set;

int value(const char* name, unsigned long long plain, unsigned long long* out) {
  const auto found = told.find(name);
  if (found == told.end()) return *out = plain, SUCCESS;
  if (found->second == "-") return NOT_SUPPORTED;
  return *out = strtoull(found->second.c_str(), nullptr, 10), SUCCESS;
}
int number(const char* name, unsigned plain, unsigned* out) {
  unsigned long long wide = 0;
  const int result = value(name, plain, &wide);
  if (result == SUCCESS) *out = (unsigned)wide;
  return result;
}
} // namespace

#define GUARD(device)                                            \
  calls++;                                                       \
  std::lock_guard<std::mutex> guard(mutex);                      \
  if (open_count == 0) return UNINITIALIZED;                     \
  if (told.count("lost")) return GPU_IS_LOST;                    \
  if ((void*)(device) != (void*)&gpu) return INVALID_ARGUMENT

// Not of the library: what it says from now on.
API void nvml_fake_tells(const char* text) {
  std::lock_guard<std::mutex> guard(mutex);
  told.clear();
  std::istringstream words(text);
  std::string word;
  while (words >> word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string said = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (name == "xid") xids.push_back(strtoull(said.c_str(), nullptr, 10));
    else told[name] = said;
  }
}
// Not of the library: calls so far, and how often it is open.
API long nvml_fake_calls() { return calls; }
API long nvml_fake_open() { return open_count; }

API int nvmlInit_v2() {
  calls++;
  std::lock_guard<std::mutex> guard(mutex);
  if (told.count("no-driver")) return DRIVER_NOT_LOADED;
  open_count++;
  return SUCCESS;
}
API int nvmlShutdown() {
  calls++;
  std::lock_guard<std::mutex> guard(mutex);
  if (open_count == 0) return UNINITIALIZED;
  open_count--;
  return SUCCESS;
}
API int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
  GUARD(&gpu);
  if (strncmp(uuid, "GPU-", 4) != 0) return NOT_FOUND;
  *device = &gpu;
  return SUCCESS;
}
API int nvmlDeviceGetMemoryInfo(void* device, Memory* memory) {
  GUARD(device);
  memory->total = 80ull << 30;
  const int result = value("used", 5ull << 30, &memory->used);
  memory->free = memory->total - memory->used;
  return result;
}
API int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts) {
  GUARD(device);
  return number("power", 350000, milliwatts);
}
API int nvmlDeviceGetEnforcedPowerLimit(void* device, unsigned* milliwatts) {
  GUARD(device);
  return number("power-limit", 700000, milliwatts);
}
API int nvmlDeviceGetTemperature(void* device, int sensor, unsigned* celsius) {
  GUARD(device);
  return sensor == 0 ? number("temperature", 45, celsius) : INVALID_ARGUMENT;
}
API int nvmlDeviceGetClockInfo(void* device, int clock, unsigned* megahertz) {
  GUARD(device);
  switch (clock) {
    case 1: return number("processor-clock", 1980, megahertz);
    case 2: return number("memory-clock", 3201, megahertz);
    default: return INVALID_ARGUMENT;
  }
}
API int nvmlDeviceGetTotalEccErrors(void* device, int type, int counter, unsigned long long* count) {
  GUARD(device);
  if (counter != 0) return INVALID_ARGUMENT;
  return value(type == 0 ? "corrected" : "uncorrected", 0, count);
}
API int nvmlDeviceGetCurrentClocksThrottleReasons(void* device, unsigned long long* reasons) {
  GUARD(device);
  return value("reasons", 1, reasons); // idle
}
API int nvmlEventSetCreate(void** set) {
  GUARD(&gpu);
  *set = &event_set;
  return told.count("no-events") ? NOT_SUPPORTED : SUCCESS;
}
API int nvmlDeviceRegisterEvents(void* device, unsigned long long types, void* set) {
  GUARD(device);
  return set == &event_set && types == 8 ? SUCCESS : INVALID_ARGUMENT;
}
API int nvmlEventSetWait_v2(void* set, Event* event, unsigned milliseconds) {
  GUARD(&gpu);
  if (set != &event_set || milliseconds != 0) return INVALID_ARGUMENT;
  if (xids.empty()) return TIMEOUT;
  *event = Event{&gpu, 8, xids.front(), 0xffffffff, 0xffffffff};
  xids.pop_front();
  return SUCCESS;
}
API int nvmlEventSetFree(void* set) {
  calls++;
  return set == &event_set ? SUCCESS : INVALID_ARGUMENT;
}
