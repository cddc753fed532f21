// The bits of mma.m16n8k16 with bf16 operands, as MMA-Sim (arXiv 2511.10909) found them on hardware: products exact,
// aligned to the largest exponent with F fractional bits, truncated, summed exactly, truncated to fp32.
#pragma once
#include "emu.hpp"

namespace emu {
typedef int Eight __attribute__((vector_size(32)));
struct Operand { // 8 columns of 16 values
  Eight sig[16];
  Eight exp[16];
};
inline Eight magnitude(Eight v) {
  const Eight sign = v < 0;
  return (v ^ sign) - sign;
}
inline Eight with_sign_of(Eight magnitude, Eight v) {
  const Eight sign = v < 0;
  return (magnitude ^ sign) - sign;
}
inline Eight at_most_31(Eight v) { return v > 31 ? v - v + 31 : v; }

inline int significand(u16 h) {
  const int exponent = (h >> 7) & 255, m = exponent ? (h & 127) | 128 : h & 127;
  return h >> 15 ? -m : m;
}
inline int exponent_of(u16 h) {
  const int exponent = (h >> 7) & 255;
  return exponent ? exponent - 127 : -126;
}

// sum * 2^(largest - fraction), truncated toward zero; subnormals kept.
inline float truncated(int64_t sum, int largest, int fraction) {
  if (sum == 0) return 0.0f;
  u64 m = sum < 0 ? -sum : sum;
  const int top = 63 - __builtin_clzll(m), exponent = largest - fraction + top;
  u32 bits;
  if (exponent < -126) {
    const int shift = -149 - (largest - fraction);
    bits = (u32)(shift >= 63 ? 0 : shift >= 0 ? m >> shift : m << -shift);
  } else if (exponent > 127) {
    bits = 0x7f800000u;
  } else {
    m = top > 23 ? m >> (top - 23) : m << (23 - top);
    bits = (u32)(exponent + 127) << 23 | (u32)(m & 0x7fffff);
  }
  return float_of(bits | (sum < 0 ? 0x80000000u : 0));
}

// c[n] += sum over k in [first, last) of a[k] * b[k][n], for 8 columns at once; finite operands only.
inline void fused(const int* a_sig, const int* a_exp, const Operand& b, int first, int last, float* c, int fraction) {
  Eight c_sig, c_exp, low = {}, high = {};
  for (int n = 0; n < 8; n++) {
    const u32 bits = bits_of(c[n]);
    const int e = (bits >> 23) & 255, m = (int)(bits & 0x7fffff) | (e ? 1 << 23 : 0);
    c_exp[n] = m && e ? e - 127 : -126;
    c_sig[n] = bits >> 31 ? -m : m;
  }
  Eight largest = c_exp;
  for (int k = first; k < last; k++) {
    const Eight e = b.exp[k] + a_exp[k];
    largest = e > largest ? e : largest;
  }
  for (int k = first; k < last; k++) {
    const Eight p = b.sig[k] * a_sig[k], distance = at_most_31(largest - a_exp[k] - b.exp[k]);
    const Eight aligned = with_sign_of((magnitude(p) << (fraction - 14)) >> distance, p);
    if (k - first < 8) low += aligned; // 8 products of at most 27 bits fit an int
    else high += aligned;
  }
  const Eight aligned = with_sign_of((magnitude(c_sig) << (fraction - 23)) >> at_most_31(largest - c_exp), c_sig);
  for (int n = 0; n < 8; n++) c[n] = truncated((int64_t)low[n] + high[n] + aligned[n], largest[n], fraction);
}

// Not-a-number and infinity aren't aligned and summed. Answers whether that was the case.
inline bool special(const u16* a, const u16 b[16][8], int n, float* c) {
  double sum = *c;
  bool any = (bits_of(*c) & 0x7f800000u) == 0x7f800000u;
  for (int k = 0; k < 16; k++) {
    any |= (a[k] & 0x7f80) == 0x7f80 || (b[k][n] & 0x7f80) == 0x7f80;
    sum += (double)float_of((u32)a[k] << 16) * float_of((u32)b[k][n] << 16);
  }
  if (any) *c = sum != sum ? float_of(0x7fffffffu) : sum > 0 ? float_of(0x7f800000u) : float_of(0xff800000u);
  return any;
}

// The 32 lanes of a warp, all waiting at an mma.
inline void warp_mma(Fiber* lanes, Numerics numerics, u32 flipped_bits) {
  u16 a[16][16], b[16][8];
  float c[16][8];
  bool odd = false;
  for (int l = 0; l < 32; l++) {
    const int g = l >> 2, t = l & 3;
    const u32 *fa = lanes[l].a, *fb = lanes[l].b;
    for (int h = 0; h < 2; h++) {
      a[g][2 * t + h] = fa[0] >> 16 * h;
      a[g + 8][2 * t + h] = fa[1] >> 16 * h;
      a[g][2 * t + 8 + h] = fa[2] >> 16 * h;
      a[g + 8][2 * t + 8 + h] = fa[3] >> 16 * h;
      b[2 * t + h][g] = fb[0] >> 16 * h;
      b[2 * t + 8 + h][g] = fb[1] >> 16 * h;
      c[g][2 * t + h] = lanes[l].d[h];
      c[g + 8][2 * t + h] = lanes[l].d[2 + h];
    }
  }
  Operand columns;
  for (int k = 0; k < 16; k++)
    for (int n = 0; n < 8; n++) {
      columns.sig[k][n] = significand(b[k][n]);
      columns.exp[k][n] = exponent_of(b[k][n]);
      odd |= (b[k][n] & 0x7f80) == 0x7f80;
    }
  for (int m = 0; m < 16; m++) {
    int sig[16], exp[16];
    bool odd_row = odd;
    for (int k = 0; k < 16; k++) {
      sig[k] = significand(a[m][k]);
      exp[k] = exponent_of(a[m][k]);
      odd_row |= (a[m][k] & 0x7f80) == 0x7f80;
    }
    for (int n = 0; n < 8; n++) odd_row |= (bits_of(c[m][n]) & 0x7f800000u) == 0x7f800000u;
    float before[8];
    memcpy(before, c[m], sizeof(before));
    if (numerics == CHAIN) {
      for (int n = 0; n < 8; n++)
        for (int k = 0; k < 16; k++)
          c[m][n] = __builtin_fmaf(float_of((u32)a[m][k] << 16), float_of((u32)b[k][n] << 16), c[m][n]);
    } else if (numerics == F25K16) {
      fused(sig, exp, columns, 0, 16, c[m], 25);
    } else {
      fused(sig, exp, columns, 0, 8, c[m], 24);
      fused(sig, exp, columns, 8, 16, c[m], 24);
    }
    for (int n = 0; odd_row && n < 8; n++)
      if (special(a[m], b, n, &before[n])) c[m][n] = before[n];
  }
  c[0][0] = float_of(bits_of(c[0][0]) ^ flipped_bits);
  for (int l = 0; l < 32; l++) {
    const int g = l >> 2, t = l & 3;
    for (int h = 0; h < 2; h++) {
      lanes[l].d[h] = c[g][2 * t + h];
      lanes[l].d[2 + h] = c[g + 8][2 * t + h];
    }
  }
}
} // namespace emu
