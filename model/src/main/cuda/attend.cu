// Attention over the paged cache, in one order for every row: keys in splits of 256 counted from position 0; in a split
// all scores, their maximum, then sums with rising key; splits joined with rising number. Rows of a group share loads and
// no sums, so neither a prompt's chunks nor its neighbours change a bit.
#include "device.cuh"

constexpr int SPLIT = 256, TILE = 32, HEADS = 4; // keys, keys at once, heads of a block: a warp each
constexpr u32 MINUS_INFINITY = 0xff800000u;

template <class E>
struct Elements { // of 16 bytes
  static constexpr int EACH = 16 / sizeof(E);
};
DEV float element(const Quad* row, int i, const u16*) {
  const u32 two = row[i >> 3].v[(i >> 1) & 3];
  return float_of(i & 1 ? two & 0xffff0000u : two << 16);
}
DEV float element(const Quad* row, int i, const float*) { return float_of(row[i >> 2].v[i & 3]); }

// A row's neighbourhood: keys that it sees.
struct Seen {
  int from, to; // both inclusive
  METHOD bool has(int key) const { return key >= from && key <= to; }
};
DEV Seen seen(int position, int window) { return {window < 0 || position < window ? 0 : position - window, position}; }

// groups: four ints each, first row, rows (at most ROWS, of one sequence), position of the first, where its table begins
// in `tables`. parts: two ints a row, where its splits begin in `part` and how many it sees. window: keys before a row
// that it sees, -1 for all. Grid: groups x kv heads x blocks of four heads, splits.
template <class E, int D, int ROWS>
DEV void attend(const float* q, const E* cache, const int* groups, const int* tables, const int* parts, float* part,
                int heads, int kv_heads, int tokens, int window, float scale) {
  constexpr int EACH = Elements<E>::EACH, TILES = SPLIT / TILE;
  SHARED(Quad, tile, [TILE][D / EACH + 1]);
  SHARED(float, p, [HEADS][ROWS][SPLIT]); // scores, then their exponentials
  const int warp = thread_index() >> 5, lane = thread_index() & 31;
  const int per = heads / kv_heads, blocks = (per + HEADS - 1) / HEADS, kv_head = block_x() / blocks % kv_heads;
  const int* group = groups + 4 * (block_x() / (blocks * kv_heads));
  const int row0 = group[0], rows = group[1], position = group[2], member = block_x() % blocks * HEADS + warp;
  const int* table = tables + group[3];
  const bool live = member < per;
  const int head = kv_head * per + (live ? member : 0), first = block_y() * SPLIT;
  const Seen all = {seen(position, window).from, position + rows - 1};
  if (first > all.to || first + SPLIT <= all.from) return;

  // Keys that nobody here sees may be another request's, or nobody's: they aren't read.
  auto nothing = [&](int t) { return first + t * TILE > all.to || first + (t + 1) * TILE <= all.from; };
  auto load = [&](int t, int which) {
    block_sync();
#pragma unroll 1
    for (int e = thread_index(); e < TILE * (D / EACH); e += HEADS * 32) {
      const int slot = e / (D / EACH), key = first + t * TILE + slot;
      Quad v = {};
      if (all.has(key)) {
        const u64 at = (((u64)table[key / tokens] * kv_heads + kv_head) * 2 + which) * tokens + key % tokens;
        v = ((const Quad*)cache)[at * (D / EACH) + e % (D / EACH)];
      }
      tile[slot][e % (D / EACH)] = v;
    }
    block_sync();
  };

#pragma unroll 1
  for (int t = 0; t < TILES; t++) {
    float dot[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) dot[r] = 0.0f;
    const bool some = !nothing(t);
    if (some) load(t, 0);
#pragma unroll 1
    for (int i = 0; some && i < D / EACH; i++) {
      const Quad k = tile[lane][i];
#pragma unroll
      for (int h = 0; h < EACH; h++)
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          const int row = row0 + (r < rows ? r : 0);
          dot[r] = fma_rn(q[((u64)row * heads + head) * D + i * EACH + h], element(&k, h, cache), dot[r]);
        }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      const bool sees = r < rows && seen(position + r, window).has(first + t * TILE + lane);
      p[warp][r][t * TILE + lane] = sees ? mul_rn(dot[r], scale) : float_of(MINUS_INFINITY);
    }
  }
  float largest[ROWS], weight[ROWS], o[ROWS][D / 32];
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    float* s = p[warp][r] + lane; // a lane reads back what it wrote
    float m = s[0];
#pragma unroll 1
    for (int t = 1; t < TILES; t++) m = m < s[t * TILE] ? s[t * TILE] : m;
#pragma unroll
    for (int mask = 16; mask > 0; mask >>= 1) {
      const float other = shuffle_xor(m, mask);
      m = m < other ? other : m;
    }
    largest[r] = m;
    float sum = 0.0f;
#pragma unroll 1
    for (int t = 0; t < TILES; t++) {
      const float x = s[t * TILE];
      const float e = bits_of(x) == MINUS_INFINITY ? 0.0f : fixed_exp(add_rn(x, -m));
      s[t * TILE] = e;
      sum = add_rn(sum, e);
    }
    weight[r] = warp_sum(sum);
#pragma unroll
    for (int c = 0; c < D / 32; c++) o[r][c] = 0.0f;
  }
#pragma unroll 1
  for (int t = 0; t < TILES; t++) {
    if (nothing(t)) continue;
    load(t, 1);
#pragma unroll 1
    for (int key = 0; key < TILE; key++)
#pragma unroll
      for (int r = 0; r < ROWS; r++)
        if (r < rows && seen(position + r, window).has(first + t * TILE + key)) {
          const float e = p[warp][r][t * TILE + key];
#pragma unroll
          for (int c = 0; c < D / 32; c++) o[r][c] = fma_rn(e, element(tile[key], c * 32 + lane, cache), o[r][c]);
        }
  }
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    const Seen mine = seen(position + r, window);
    if (!live || r >= rows || first > mine.to || first + SPLIT <= mine.from) continue;
    const u64 place = parts[2 * (row0 + r)] + block_y() - mine.from / SPLIT;
    float* to = part + (place * heads + head) * (D + 2);
#pragma unroll
    for (int c = 0; c < D / 32; c++) to[c * 32 + lane] = o[r][c];
    if (lane == 0) {
      to[D] = largest[r];
      to[D + 1] = weight[r];
    }
  }
}

// A warp a row and head. Grid: heads x rows from `first_row` on; those past the last become zeros.
template <int D, class To>
DEV void attend_join(const float* part, const int* parts, const To& to, int first_row, int rows, int heads, int head_dim) {
  const int lane = thread_index(), head = block_x(), row = first_row + block_y();
  const bool live = row < rows;
  const int splits = live ? parts[2 * row + 1] : 0;
  const float* p = part + ((live ? (u64)parts[2 * row] : 0) * heads + head) * (D + 2);
  const u64 next = (u64)heads * (D + 2);
  float largest = float_of(MINUS_INFINITY), sum = 0.0f, o[D / 32];
  for (int s = 0; s < splits; s++) largest = largest < p[s * next + D] ? p[s * next + D] : largest;
#pragma unroll
  for (int c = 0; c < D / 32; c++) o[c] = 0.0f;
  for (int s = 0; s < splits; s++) {
    const float* x = p + s * next;
    const float w = fixed_exp(add_rn(x[D], -largest));
    sum = add_rn(sum, mul_rn(w, x[D + 1]));
#pragma unroll
    for (int c = 0; c < D / 32; c++) o[c] = add_rn(o[c], mul_rn(w, x[c * 32 + lane]));
  }
#pragma unroll
  for (int c = 0; c < D / 32; c++) {
    const int d = c * 32 + lane;
    if (d < head_dim) to.store(row, head * head_dim + d, live ? div_rn(o[c], sum) : 0.0f);
  }
  for (int k = heads * head_dim + lane; head == heads - 1 && k < to.width(); k += 32) to.store(row, k, 0.0f);
}

#define ATTEND(E)                                                                                                    \
  (const float* q, const E* cache, const int* groups, const int* tables, const int* parts, float* part, int heads, \
   int kv_heads, int tokens, int window, float scale)
#define ATTEND_ARGUMENTS q, cache, groups, tables, parts, part, heads, kv_heads, tokens, window, scale
#define JOIN(E) (const float* part, const int* parts, E* to, int first_row, int rows, int heads, int head_dim)
#define JOIN_ARGUMENTS(TO) part, parts, TO{to, heads * head_dim}, first_row, rows, heads, head_dim

#define ATTENTION(D)                                                                                         \
  KERNEL(attend_d##D##_r1, 128, 4) ATTEND(u16) { attend<u16, D, 1>(ATTEND_ARGUMENTS); }                      \
  KERNEL(attend_d##D##_r4, 128, 2) ATTEND(u16) { attend<u16, D, 4>(ATTEND_ARGUMENTS); }                      \
  KERNEL(attend_d##D##_f32, 128, 2) ATTEND(float) { attend<float, D, 1>(ATTEND_ARGUMENTS); }                 \
  KERNEL(join_d##D##_bf16, 32, 8) JOIN(u16) { attend_join<D, PackedRows>(JOIN_ARGUMENTS(PackedRows)); }      \
  KERNEL(join_d##D##_f32, 32, 8) JOIN(float) { attend_join<D, PlainRows>(JOIN_ARGUMENTS(PlainRows)); }       \
  REGISTER(attend_d##D##_r1) REGISTER(attend_d##D##_r4) REGISTER(attend_d##D##_f32)                          \
  REGISTER(join_d##D##_bf16) REGISTER(join_d##D##_f32)

ATTENTION(32)
ATTENTION(64)
ATTENTION(96)
ATTENTION(128)
ATTENTION(256)
