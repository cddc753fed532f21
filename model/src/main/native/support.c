/* What this processor, and the system, have registers and instructions for. */
#include "cheshire_groups.h"

__attribute__((visibility("default"))) int32_t cheshire_has_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") != 0;
}

__attribute__((visibility("default"))) int32_t cheshire_has_avx512_vnni(void) {
#ifdef CHESHIRE_EMULATE
    return 1;
#endif
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vnni");
}

__attribute__((visibility("default"))) int32_t cheshire_has_avx512_bf16(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
}
