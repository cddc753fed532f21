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
 * Sixteen outputs of eight-bit weights. Magnitudes of weights are unsigned and their signs go to the row's integers, so
 * that pairs of products are at most 2 * 127 * 127 = 32,258: they fit 16 bits.
 */
INLINE void bytes(const int rows, const struct tile *t, const uint8_t *w) {
    __m256i a[4], b[4];
    const __m256i ones = _mm256_set1_epi16(1);
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
        a[r] = b[r] = _mm256_setzero_si256();
    }
    for (int64_t k = 0; k < t->group; k += 4, w += 4 * PANEL) {
        const __m256i wa = _mm256_loadu_si256((const __m256i *) w);
        const __m256i wb = _mm256_loadu_si256((const __m256i *) (w + VECTOR));
        const __m256i ma = _mm256_abs_epi8(wa);
        const __m256i mb = _mm256_abs_epi8(wb);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            const __m256i x = four_inputs(t->x + r * t->inputs + k);
            const __m256i pa = _mm256_maddubs_epi16(ma, _mm256_sign_epi8(x, wa));
            const __m256i pb = _mm256_maddubs_epi16(mb, _mm256_sign_epi8(x, wb));
            a[r] = _mm256_add_epi32(a[r], _mm256_madd_epi16(pa, ones));
            b[r] = _mm256_add_epi32(b[r], _mm256_madd_epi16(pb, ones));
        }
    }
    const __m256 fa = widened(t->factors);
    const __m256 fb = widened(t->factors + LANES);
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
        add(t->totals + r * PANEL, a[r], t->scales[r * t->groups], fa);
        add(t->totals + r * PANEL + LANES, b[r], t->scales[r * t->groups], fb);
    }
}

/*
 * Eight outputs of four-bit weights, which are unsigned with 8 added. Sums of sixteen products are at most
 * 16 * 15 * 127 = 30,480 and stay in 16 bits.
 */
INLINE void halves(const int rows, const struct tile *t, const uint8_t *w) {
    __m256i sums[4], part[4];
    const __m256i ones = _mm256_set1_epi16(1);
    const __m256i half = _mm256_set1_epi8(15);
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
        sums[r] = _mm256_set1_epi32(-8 * t->sums[r * t->groups]);
    }
    for (int64_t k = 0; k < t->group; k += 32) {
#pragma GCC unroll 4
        for (int i = 0; i < 32; i += 8, w += 4 * PANEL) {
            const __m256i both = _mm256_loadu_si256((const __m256i *) w);
            const __m256i low = _mm256_and_si256(both, half);
            const __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, 4), half);
#pragma GCC unroll 4
            for (int r = 0; r < rows; r++) {
                const int8_t *x = t->x + r * t->inputs + k + i;
                const __m256i first = _mm256_maddubs_epi16(low, four_inputs(x));
                part[r] = i == 0 ? first : _mm256_add_epi16(part[r], first);
                part[r] = _mm256_add_epi16(part[r], _mm256_maddubs_epi16(high, four_inputs(x + 4)));
            }
        }
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(part[r], ones));
        }
    }
    const __m256 factors = widened(t->factors);
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
        add(t->totals + r * PANEL, sums[r], t->scales[r * t->groups], factors);
    }
}

INLINE void any(const int bits, const int rows, const struct tile *t, const uint8_t *w) {
    if (bits == 8) {
        bytes(rows, t, w);
    } else {
        halves(rows, t, w);
    }
}

/* One slice of a panel's outputs over one group, for all rows of a block. */
INLINE void slice(const int bits, struct tile t, const uint8_t *w, int64_t rows) {
    while (rows > 0) {
        const int64_t count = tile_rows(rows, 4);
        switch (count) {
            case 1: any(bits, 1, &t, w); break;
            case 2: any(bits, 2, &t, w); break;
            case 3: any(bits, 3, &t, w); break;
            default: any(bits, 4, &t, w); break;
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
    float totals[BLOCK * PANEL] __attribute__((aligned(VECTOR)));
    const int outputs = bits == 8 ? 2 * LANES : LANES;
    const int64_t bytes_of_slice = m->group * outputs * bits / 8;
    const int64_t inputs = m->groups * m->group;
    for (int64_t row = 0; row < m->rows; row += BLOCK) {
        const int64_t rows = m->rows - row < BLOCK ? m->rows - row : BLOCK;
        const uint8_t *w = weights;
        for (int64_t i = 0; i < rows * PANEL; i += LANES) {
            _mm256_store_ps(totals + i, _mm256_setzero_ps());
        }
        for (int64_t g = 0; g < m->groups; g++, w += m->group * PANEL * bits / 8) {
            for (int o = 0; o < PANEL; o += outputs) {
                const struct tile t = {
                    m->x + row * inputs + g * m->group,
                    m->scales + row * m->groups + g,
                    m->sums + row * m->groups + g,
                    scales + g * PANEL + o,
                    totals + o,
                    inputs,
                    m->groups,
                    m->group
                };
                ask_for(w + AHEAD + o / outputs * bytes_of_slice, bytes_of_slice);
                slice(bits, t, w + o * 4, rows);
            }
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
