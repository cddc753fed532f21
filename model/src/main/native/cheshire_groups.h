/*
 * Matmuls of rows and weights that are rounded to integers in groups of inputs: the contract is docs/model.md, 7.1.
 *
 *     y = +0;  for g rising:  y = y + ((float) S_g * row's scale) * weight's scale;  y = y + bias
 *
 * S_g, a group's sum of products, is exact in 32 bits, in any order. The rest is in this form and order, nothing fused
 * (-ffp-contract=off) and no subnormal taken for zero: the same bits as every other implementation.
 *
 * A panel is 64 outputs. Weights lie in it as QuantisedLayout (Java) says:
 *
 *     eight bits  [group][input / 4][64 outputs][4 inputs]    signed, -127 .. 127             Order.FOURS
 *     four bits   [group][input / 8][64 outputs][4 bytes]     byte j: low half w[j] + 8,      Order.EIGHTS
 *                                                             high half w[4 + j] + 8
 *     scales      [group][64 outputs]                         bf16
 *
 * Nothing is called from here, the C library included, and nothing is kept: any thread, memory belongs to the caller.
 */
#ifndef CHESHIRE_GROUPS_H
#define CHESHIRE_GROUPS_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define PANEL 64
/* Rows whose results are held at a time. */
#define BLOCK 64
/* Weights are asked for so many bytes before they are needed. */
#define AHEAD 8192
#define LINE 64

/* What a matmul is; the same for all its panels. Java: NativePanels. */
struct matmul {
    const int8_t *x;       /* [rows][groups * group] integers, -127 .. 127; past the last input zeros */
    const float *scales;   /* [rows][groups] */
    const int32_t *sums;   /* [rows][groups] sums of the row's integers */
    const float *bias;     /* [outputs], or null */
    float *y;              /* [rows][outputs] */
    int64_t rows, outputs, groups, group; /* group: inputs of one, a multiple of 32 */
};

/* One panel for all rows, from its weights and their scales; first: number of its first output. */
#define EXPORT(name) \
    __attribute__((visibility("default"))) void name( \
            const struct matmul *m, const uint8_t *weights, const uint16_t *scales, int64_t first)

/* Rows of the next tile, where count rows are left for tiles of at most most: tiles of about one size. */
static inline int64_t tile_rows(int64_t count, int64_t most) {
    const int64_t tiles = (count + most - 1) / most;
    return (count + tiles - 1) / tiles;
}

/*
 * Asks for what is multiplied AHEAD bytes later, line by line as the loop goes on. Into the second-level cache: the
 * first has few places for lines that are under way, and waiting for one of those holds up the multiplying. Measured:
 * 1.05 to 1.7 times the speed of asking for a group at once, into the first (docs/lab/2026-11-engine.md).
 * Inlined: a function that does nothing else has no effect in gcc's eyes, and its calls are dropped.
 */
static inline __attribute__((always_inline)) void ask_for(const uint8_t *from, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i += LINE) {
        _mm_prefetch((const char *) from + i, _MM_HINT_T1);
    }
}

/* Results of a block of rows to where they belong: a last panel may be wider than the outputs that are left. */
static inline __attribute__((always_inline)) void put(
        const struct matmul *m, const float *totals, int64_t row, int64_t rows, int64_t first) {
    const int64_t outputs = m->outputs - first < PANEL ? m->outputs - first : PANEL;
    for (int64_t r = 0; r < rows; r++) {
        float *to = m->y + (row + r) * m->outputs + first;
        for (int64_t i = 0; i < outputs; i++) {
            to[i] = m->bias ? totals[r * PANEL + i] + m->bias[first + i] : totals[r * PANEL + i];
        }
    }
}

#endif
