// Rows on their way in: the embedding's, and queries, keys and values with their positions.
#include "device.cuh"

template <class E>
DEV void embed(const E* table, const int* tokens, float* residual, int width) {
  const int row = block_x();
  const E* from = table + (u64)tokens[row] * width;
  for (int i = thread_index(); i < width; i += 256) residual[(u64)row * width + i] = get(from + i);
}

// Grid: rows.
KERNEL(embed_bf16, 256, 2)(const u16* table, const int* tokens, float* residual, int width) {
  embed(table, tokens, residual, width);
}
KERNEL(embed_f32, 256, 2)(const float* table, const int* tokens, float* residual, int width) {
  embed(table, tokens, residual, width);
}

// x*cos + rot(x)*sin with rot([a,b]) = [-b,a], a and b the halves of a head; zeros past its end.
DEV float rotated(const float* x, const float* rope, int d, int head_dim) {
  const int half = head_dim / 2, pair = d < half ? d : d - half;
  if (d >= head_dim) return 0.0f;
  const float a = x[pair], b = x[pair + half], cosine = rope[pair], sine = rope[half + pair];
  return d < half ? fma_rn(a, cosine, -mul_rn(b, sine)) : fma_rn(b, cosine, mul_rn(a, sine));
}

// Queries, [rows, heads, stride]; keys and values into the cache: [block][kv head][key | value][slot][stride], of one
// layer. places: of a row, block * tokens + slot. rope: of a row, cosines and then sines.
template <class E>
DEV void rope_append(const float* qkv, const float* rope, const int* places, float* q, E* cache, int heads,
                     int kv_heads, int head_dim, int stride, int tokens) {
  const int row = block_x(), block = places[row] / tokens, slot = places[row] % tokens;
  const float* queries = qkv + (u64)row * (heads + 2 * kv_heads) * head_dim;
  const float* angles = rope + (u64)row * (head_dim / 2) * 2;
  for (int e = thread_index(); e < heads * stride; e += 128) {
    const int head = e / stride, d = e % stride;
    q[((u64)row * heads + head) * stride + d] = rotated(queries + head * head_dim, angles, d, head_dim);
  }
  const float *keys = queries + heads * head_dim, *values = keys + kv_heads * head_dim;
  for (int e = thread_index(); e < kv_heads * stride; e += 128) {
    const int head = e / stride, d = e % stride;
    E* key = cache + (((u64)block * kv_heads + head) * 2 * tokens + slot) * stride + d;
    put(key, rotated(keys + head * head_dim, angles, d, head_dim));
    put(key + (u64)tokens * stride, d < head_dim ? values[head * head_dim + d] : 0.0f);
  }
}

#define ROPE_APPEND(E)                                                                                              \
  (const float* qkv, const float* rope, const int* places, float* q, E* cache, int heads, int kv_heads, int head_dim, \
   int stride, int tokens)

// Grid: rows.
KERNEL(rope_append_bf16, 128, 4) ROPE_APPEND(u16) {
  rope_append(qkv, rope, places, q, cache, heads, kv_heads, head_dim, stride, tokens);
}
KERNEL(rope_append_f32, 128, 4) ROPE_APPEND(float) {
  rope_append(qkv, rope, places, q, cache, heads, kv_heads, head_dim, stride, tokens);
}
REGISTER(embed_bf16) REGISTER(embed_f32) REGISTER(rope_append_bf16) REGISTER(rope_append_f32)
