/* For processors with AVX-512 and its instructions for neural networks. */
#include "cheshire_groups.h"

#ifdef CHESHIRE_EMULATE
#define TARGET
#else
#define TARGET , target("avx512f,avx512bw,avx512vnni")
#endif
#define INLINE static inline __attribute__((always_inline TARGET))
#define LANES 16
#define VECTORS 4

/* Vectors of the compiler's, which it makes of smaller ones where it is told to: for a test on any processor. */
typedef int32_t ints __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint32_t words __attribute__((vector_size(64), aligned(4), may_alias));
typedef float floats __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint16_t shorts __attribute__((vector_size(32), aligned(2), may_alias));

struct tile {
    const int8_t *x;
    const float *scales;
    const int32_t *sums;
    const uint16_t *factors;
    float *totals;
    int64_t inputs, groups, group;
};

/* sum + four products of unsigned weights and signed inputs, in each lane. */
INLINE ints dot(ints sum, words w, int32_t x) {
#ifdef CHESHIRE_EMULATE
    for (int i = 0; i < LANES; i++) {
        for (int j = 0; j < 32; j += 8) {
            sum[i] += (int32_t) (uint8_t) (w[i] >> j) * (int8_t) (x >> j);
        }
    }
    return sum;
#else
    const ints all = (ints) {} + x;
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(all));
    return sum;
#endif
}

INLINE int32_t four_inputs(const int8_t *x) {
    int32_t all;
    __builtin_memcpy(&all, x, sizeof all);
    return all;
}

INLINE void begin(const int rows, const struct tile *t, const int32_t offset, ints (*sums)[VECTORS]) {
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) {
            sums[r][v] = (ints) {} - offset * t->sums[r * t->groups];
        }
    }
}

INLINE void end(const int rows, const struct tile *t, ints (*sums)[VECTORS]) {
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) {
        const words wide = __builtin_convertvector(*(const shorts *) (t->factors + v * LANES), words) << 16;
        const floats factors = (floats) wide;
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            floats *total = (floats *) (t->totals + r * PANEL + v * LANES);
            const floats scaled = (__builtin_convertvector(sums[r][v], floats) * t->scales[r * t->groups]) * factors;
            *total = *total + scaled;
        }
    }
}

/* Eight-bit weights: unsigned with 128 added, which the sums begin without. */
INLINE void bytes(const int rows, const struct tile *t, const uint8_t *w) {
    ints sums[6][VECTORS];
    begin(rows, t, 128, sums);
    for (int64_t k = 0; k < t->group; k += 4, w += 4 * PANEL) {
        ask_for(w + AHEAD, 4 * PANEL);
        words all[VECTORS];
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) {
            all[v] = *(const words *) (w + v * 64) ^ 0x80808080u;
        }
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            const int32_t x = four_inputs(t->x + r * t->inputs + k);
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++) {
                sums[r][v] = dot(sums[r][v], all[v], x);
            }
        }
    }
    end(rows, t, sums);
}

/* Four-bit weights: unsigned with 8 added. */
INLINE void halves(const int rows, const struct tile *t, const uint8_t *w) {
    ints sums[6][VECTORS];
    begin(rows, t, 8, sums);
    for (int64_t k = 0; k < t->group; k += 8, w += 4 * PANEL) {
        ask_for(w + AHEAD, 4 * PANEL);
#pragma GCC unroll 2
        for (int half = 0; half < 2; half++) {
            words all[VECTORS];
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++) {
                all[v] = *(const words *) (w + v * 64) >> 4 * half & 0x0f0f0f0fu;
            }
#pragma GCC unroll 6
            for (int r = 0; r < rows; r++) {
                const int32_t x = four_inputs(t->x + r * t->inputs + k + 4 * half);
#pragma GCC unroll 4
                for (int v = 0; v < VECTORS; v++) {
                    sums[r][v] = dot(sums[r][v], all[v], x);
                }
            }
        }
    }
    end(rows, t, sums);
}

INLINE void any(const int bits, const int rows, const struct tile *t, const uint8_t *w) {
    if (bits == 8) {
        bytes(rows, t, w);
    } else {
        halves(rows, t, w);
    }
}

/* A panel over one group, for all rows of a block. */
INLINE void group(const int bits, struct tile t, const uint8_t *w, int64_t rows) {
    while (rows > 0) {
        const int64_t count = tile_rows(rows, 6);
        switch (count) {
            case 1: any(bits, 1, &t, w); break;
            case 2: any(bits, 2, &t, w); break;
            case 3: any(bits, 3, &t, w); break;
            case 4: any(bits, 4, &t, w); break;
            case 5: any(bits, 5, &t, w); break;
            default: any(bits, 6, &t, w); break;
        }
        t.x += count * t.inputs;
        t.scales += count * t.groups;
        t.sums += count * t.groups;
        t.totals += count * PANEL;
        rows -= count;
    }
}

INLINE void panel(
        const int bits, const struct matmul *m, const uint8_t *weights, const uint16_t *scales, int64_t first) {
    float totals[BLOCK * PANEL] __attribute__((aligned(64)));
    const int64_t group_bytes = m->group * PANEL * bits / 8;
    const int64_t inputs = m->groups * m->group;
    for (int64_t row = 0; row < m->rows; row += BLOCK) {
        const int64_t rows = m->rows - row < BLOCK ? m->rows - row : BLOCK;
        for (int64_t i = 0; i < rows * PANEL; i += LANES) {
            *(floats *) (totals + i) = (floats) {};
        }
        for (int64_t g = 0; g < m->groups; g++) {
            const struct tile t = {
                m->x + row * inputs + g * m->group,
                m->scales + row * m->groups + g,
                m->sums + row * m->groups + g,
                scales + g * PANEL,
                totals,
                inputs,
                m->groups,
                m->group
            };
            group(bits, t, weights + g * group_bytes, rows);
        }
        put(m, totals, row, rows, first);
    }
}

__attribute__((noinline TARGET)) EXPORT(cheshire_avx512_vnni_bytes) {
    panel(8, m, weights, scales, first);
}

__attribute__((noinline TARGET)) EXPORT(cheshire_avx512_vnni_halves) {
    panel(4, m, weights, scales, first);
}
