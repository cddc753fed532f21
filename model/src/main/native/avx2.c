/* For processors with AVX2. */
#include "cheshire_groups.h"

#define INLINE static inline __attribute__((always_inline, target("avx2")))
#define LANES 8
#define VECTOR 32

/* Rows of a tile, its rows' strides, and where it begins. */
struct tile {
    const int8_t *x;
    const float *scales;
    const int32_t *sums;
    const uint16_t *factors;
    float *totals;
    int64_t inputs, groups, group;
};

INLINE __m256 widened(const uint16_t *bf16) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *) bf16)), 16));
}

INLINE __m256i four_inputs(const int8_t *x) {
    int32_t all;
    __builtin_memcpy(&all, x, sizeof all);
    return _mm256_set1_epi32(all);
}

INLINE void add(float *total, __m256i sums, float scale, __m256 factors) {
    const __m256 scaled = _mm256_mul_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_set1_ps(scale)), factors);
    _mm256_storeu_ps(total, _mm256_add_ps(_mm256_loadu_ps(total), scaled));
}

/*
 * Eight-bit weights: vectors of eight outputs, for some rows. Magnitudes of weights are unsigned and their signs go to
 * the row's integers, so that pairs of products are at most 2 * 127 * 127 = 32,258: they fit 16 bits.
 */
INLINE void bytes(const int vectors, const int rows, const struct tile *t, const uint8_t *w) {
    __m256i sums[8][4];
    const __m256i ones = _mm256_set1_epi16(1);
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            sums[r][v] = _mm256_setzero_si256();
        }
    }
    for (int64_t k = 0; k < t->group; k += 4, w += 4 * PANEL) {
        ask_for(w + AHEAD, vectors * VECTOR);
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            const __m256i weights = _mm256_loadu_si256((const __m256i *) (w + v * VECTOR));
            const __m256i magnitudes = _mm256_abs_epi8(weights);
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                const __m256i x = _mm256_sign_epi8(four_inputs(t->x + r * t->inputs + k), weights);
                const __m256i pairs = _mm256_maddubs_epi16(magnitudes, x);
                sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(pairs, ones));
            }
        }
    }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        const __m256 factors = widened(t->factors + v * LANES);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            add(t->totals + r * PANEL + v * LANES, sums[r][v], t->scales[r * t->groups], factors);
        }
    }
}

/*
 * Four-bit weights, which are unsigned with 8 added. Sums of sixteen products are at most 16 * 15 * 127 = 30,480 and
 * stay in 16 bits.
 */
INLINE void halves(const int vectors, const int rows, const struct tile *t, const uint8_t *w) {
    __m256i sums[8][4];
    const __m256i ones = _mm256_set1_epi16(1);
    const __m256i half = _mm256_set1_epi8(15);
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            sums[r][v] = _mm256_set1_epi32(-8 * t->sums[r * t->groups]);
        }
    }
    for (int64_t k = 0; k < t->group; k += 32) {
        __m256i part[8][4];
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
            for (int v = 0; v < vectors; v++) {
                part[r][v] = _mm256_setzero_si256();
            }
        }
#pragma GCC unroll 1
        for (int i = 0; i < 32; i += 8, w += 4 * PANEL) {
            ask_for(w + AHEAD, vectors * VECTOR);
            __m256i low[4], high[4];
#pragma GCC unroll 4
            for (int v = 0; v < vectors; v++) {
                const __m256i both = _mm256_loadu_si256((const __m256i *) (w + v * VECTOR));
                low[v] = _mm256_and_si256(both, half);
                high[v] = _mm256_and_si256(_mm256_srli_epi16(both, 4), half);
            }
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                const int8_t *at = t->x + r * t->inputs + k + i;
                const __m256i x = four_inputs(at);
#pragma GCC unroll 4
                for (int v = 0; v < vectors; v++) {
                    part[r][v] = _mm256_add_epi16(part[r][v], _mm256_maddubs_epi16(low[v], x));
                }
                const __m256i next = four_inputs(at + 4);
#pragma GCC unroll 4
                for (int v = 0; v < vectors; v++) {
                    part[r][v] = _mm256_add_epi16(part[r][v], _mm256_maddubs_epi16(high[v], next));
                }
            }
        }
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
            for (int v = 0; v < vectors; v++) {
                sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(part[r][v], ones));
            }
        }
    }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        const __m256 factors = widened(t->factors + v * LANES);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            add(t->totals + r * PANEL + v * LANES, sums[r][v], t->scales[r * t->groups], factors);
        }
    }
}

INLINE void tile(const int bits, const int vectors, const int rows, const struct tile *t, const uint8_t *w) {
    if (bits == 8) {
        bytes(vectors, rows, t, w);
    } else {
        halves(vectors, rows, t, w);
    }
}

/* One slice of a panel's outputs over one group, for all rows of a block; tiles of 1 to most rows. */
INLINE void slice(
        const int bits, const int vectors, const int most, struct tile t, const uint8_t *w, int64_t rows) {
    while (rows > 0) {
        const int64_t count = tile_rows(rows, most);
#define TILE(n) case n: if (n <= most) { tile(bits, vectors, n, &t, w); } break;
        switch (count) {
            TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8)
        }
#undef TILE
        t.x += count * t.inputs;
        t.scales += count * t.groups;
        t.sums += count * t.groups;
        t.totals += count * PANEL;
        rows -= count;
    }
}

/* A block of rows. */
INLINE void block(
        const int bits, const int vectors, const int most, struct tile t, const uint8_t *w, int64_t rows) {
    const int outputs = vectors * LANES;
    for (int64_t g = 0; g < t.groups; g++) {
        for (int o = 0; o < PANEL; o += outputs) {
            struct tile here = t;
            here.factors += o;
            here.totals += o;
            slice(bits, vectors, most, here, w + o * 4, rows);
        }
        t.x += t.group;
        t.scales++;
        t.sums++;
        t.factors += PANEL;
        w += t.group * PANEL * bits / 8;
    }
}

INLINE void panel(
        const int bits, const struct matmul *m, const uint8_t *weights, const uint16_t *scales, int64_t first) {
    float totals[BLOCK * PANEL] __attribute__((aligned(VECTOR)));
    for (int64_t row = 0; row < m->rows; row += BLOCK) {
        const int64_t rows = m->rows - row < BLOCK ? m->rows - row : BLOCK;
        const int64_t inputs = m->groups * m->group;
        for (int64_t i = 0; i < rows * PANEL; i += LANES) {
            _mm256_store_ps(totals + i, _mm256_setzero_ps());
        }
        const struct tile t = {
            m->x + row * inputs,
            m->scales + row * m->groups,
            m->sums + row * m->groups,
            scales,
            totals,
            inputs,
            m->groups,
            m->group
        };
        /* Measured: few rows want wide slices, for the memory's sake; many want all registers for their sums. */
        if (rows == 1) {
            block(bits, 4, 1, t, weights, rows);
        } else if (rows <= 3) {
            block(bits, 2, 3, t, weights, rows);
        } else if (bits == 8) {
            block(bits, 1, 8, t, weights, rows);
        } else {
            block(bits, 2, 4, t, weights, rows);
        }
        put(m, totals, row, rows, first);
    }
}

__attribute__((target("avx2"))) EXPORT(cheshire_avx2_bytes) {
    panel(8, m, weights, scales, first);
}

__attribute__((target("avx2"))) EXPORT(cheshire_avx2_halves) {
    panel(4, m, weights, scales, first);
}
