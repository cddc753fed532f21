/*
 * Few rows in bf16 times bf16 weights, for processors with AVX-512's instructions for bf16: oneDNN's weights where they
 * lie, and its bits.
 *
 *     y = 0;  for parts of the inputs rising:  { s = 0;  for pairs rising:  s = vdpbf16ps(s, w, x);  y = s + y }
 *     y = y + bias
 *
 * That is the order of oneDNN's code for these processors, the first part's y = s apart, which keeps a zero's sign. How
 * many inputs a part has, is found out when weights are packed (Java: FewRowsProof). Operands of vdpbf16ps are in
 * oneDNN's order, too, so that even a NaN is the same one.
 *
 * Weights lie as oneDNN packs them: [panel][input / 2][64 outputs][2 inputs], inputs padded to 32 and outputs to 64.
 * Nothing is asked for ahead: the processor itself sees the one stream of addresses, and asking from 4 KB ahead on made
 * two and more rows a third slower (docs/lab/2026-11-engine.md).
 */
#include "cheshire_groups.h"

#define TARGET target("avx512f,avx512bw,avx512vl,avx512bf16")
#define INLINE static inline __attribute__((always_inline, TARGET))
#define LANES 16
#define VECTORS 4
#define MOST_ROWS 8
/* Rows whose sums registers have room for beside a vector of weights and the rows' pairs. */
#define TILE 6
#define INPUT_BLOCK 32

/* What a matmul is; the same for all its panels. Java: NativeBf16Matmul. */
struct bf16_matmul {
    const uint16_t *x;     /* [rows][inputs] */
    const float *bias;     /* [outputs], or null */
    float *y;              /* [rows][outputs] */
    int64_t rows, outputs, inputs, part; /* part: inputs of one, even */
};

INLINE __m512bh two_inputs(const uint16_t *x) {
    int32_t both;
    __builtin_memcpy(&both, x, sizeof both);
    return (__m512bh) _mm512_set1_epi32(both);
}

/* The last of an odd number, and a zero. */
INLINE __m512bh one_input(const uint16_t *x) {
    return (__m512bh) _mm512_set1_epi32(*x);
}

INLINE void multiply(const int rows, const uint16_t *w, const __m512bh *pairs, __m512 (*sums)[VECTORS]) {
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) {
        const __m512bh weights = (__m512bh) _mm512_loadu_si512(w + v * 2 * LANES);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            sums[r][v] = _mm512_dpbf16_ps(sums[r][v], weights, pairs[r]);
        }
    }
}

/* Inputs begin .. end - 1 of a panel, for some rows from x on; begin is even. */
INLINE void part(
        const int rows, const struct bf16_matmul *m, const uint16_t *x, const uint16_t *w, int64_t begin, int64_t end,
        __m512 (*totals)[VECTORS]) {
    __m512 sums[TILE][VECTORS];
    __m512bh pairs[TILE];
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) {
            sums[r][v] = _mm512_setzero_ps();
        }
    }
    int64_t k = begin;
    for (; k + 1 < end; k += 2) {
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            pairs[r] = two_inputs(x + r * m->inputs + k);
        }
        multiply(rows, w + k * PANEL, pairs, sums);
    }
    if (k < end) {
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            pairs[r] = one_input(x + r * m->inputs + k);
        }
        multiply(rows, w + k * PANEL, pairs, sums);
    }
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) {
            totals[r][v] = begin == 0 ? sums[r][v] : _mm512_add_ps(sums[r][v], totals[r][v]);
        }
    }
}

INLINE void put_rows(const struct bf16_matmul *m, __m512 (*totals)[VECTORS], int64_t first) {
    for (int v = 0; v < VECTORS; v++) {
        const int64_t at = first + v * LANES;
        const int64_t left = m->outputs - at;
        const __mmask16 which = left >= LANES ? 0xffff : left > 0 ? (1 << left) - 1 : 0;
        for (int64_t r = 0; r < m->rows; r++) {
            __m512 y = totals[r][v];
            if (m->bias) {
                y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(which, m->bias + at));
            }
            _mm512_mask_storeu_ps(m->y + r * m->outputs + at, which, y);
        }
    }
}

/* Panels begin .. end - 1 for one to MOST_ROWS rows. */
__attribute__((visibility("default"), noinline, TARGET)) void cheshire_avx512_bf16(
        const struct bf16_matmul *m, const uint16_t *weights, int64_t begin, int64_t end) {
    const int64_t size = (m->inputs + INPUT_BLOCK - 1) / INPUT_BLOCK * INPUT_BLOCK * PANEL;
    for (int64_t p = begin; p < end; p++) {
        __m512 totals[MOST_ROWS][VECTORS];
        const uint16_t *w = weights + p * size;
        for (int64_t from = 0; from < m->inputs; from += m->part) {
            const int64_t to = m->inputs - from < m->part ? m->inputs : from + m->part;
            /* A part's weights stay in the second-level cache for the rows of a second tile. */
            for (int64_t row = 0, count; row < m->rows; row += count) {
                const uint16_t *x = m->x + row * m->inputs;
                count = tile_rows(m->rows - row, TILE);
                switch (count) {
                    case 1: part(1, m, x, w, from, to, totals + row); break;
                    case 2: part(2, m, x, w, from, to, totals + row); break;
                    case 3: part(3, m, x, w, from, to, totals + row); break;
                    case 4: part(4, m, x, w, from, to, totals + row); break;
                    case 5: part(5, m, x, w, from, to, totals + row); break;
                    default: part(6, m, x, w, from, to, totals + row); break;
                }
            }
        }
        put_rows(m, totals, p * PANEL);
    }
}
