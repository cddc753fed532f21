package io.cheshire.router.core.grammar;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The vocabulary by its bytes, depth first in flat arrays: a node's subtree lies behind it, so a byte that can't come
 * next skips all tokens that begin so. Immutable.
 */
final class TokenTrie {
    private static final int NONE = -1;

    private int[] ids;
    private byte[] bytes;
    private short[] depths;
    private int[] ends;
    /** Ids with the same bytes as another one: the next of them, or {@link #NONE}. */
    private final int[] twins;

    private int size;
    private final int maxDepth;

    /** @param bytesOf of each id; empty: the id isn't in the trie */
    TokenTrie(final int vocabSize, final IntFunction<byte[]> bytesOf) {
        final byte[][] texts = new byte[vocabSize][];
        for (int id = 0; id < vocabSize; id++) {
            texts[id] = bytesOf.apply(id);
        }
        final int[] sorted = IntStream.range(0, vocabSize)
                .filter(id -> texts[id].length > 0)
                .boxed()
                .sorted(Comparator.<Integer, byte[]>comparing(id -> texts[id], Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        twins = new int[vocabSize];
        Arrays.fill(twins, NONE);
        final int room = 2 * sorted.length + ByteSet.BYTES;
        ids = new int[room];
        bytes = new byte[room];
        depths = new short[room];
        ends = new int[room];
        maxDepth = IntStream.of(sorted).map(id -> texts[id].length).max().orElse(0);
        build(texts, sorted);
    }

    private void build(final byte[][] texts, final int[] sorted) {
        final int[] path = new int[maxDepth];
        int depth = 0;
        byte[] before = {};
        for (final int id : sorted) {
            final byte[] text = texts[id];
            int shared = Arrays.mismatch(before, text);
            shared = shared < 0 ? text.length : shared;
            while (depth > shared) {
                ends[path[--depth]] = size;
            }
            while (depth < text.length) {
                path[depth] = add(text[depth], depth);
                depth++;
            }
            final int node = path[depth - 1];
            twins[id] = ids[node];
            ids[node] = id;
            before = text;
        }
        while (depth > 0) {
            ends[path[--depth]] = size;
        }
    }

    private int add(final byte value, final int depth) {
        if (size == ids.length) {
            final int room = size + size / 2;
            ids = Arrays.copyOf(ids, room);
            bytes = Arrays.copyOf(bytes, room);
            depths = Arrays.copyOf(depths, room);
            ends = Arrays.copyOf(ends, room);
        }
        ids[size] = NONE;
        bytes[size] = value;
        depths[size] = (short) depth;
        return size++;
    }

    /** Sets the bits of the ids all of whose bytes may follow {@code state}. */
    void allow(final Derivatives derivatives, final Term state, final Term nothing, final long[] bits) {
        final Term[] states = new Term[maxDepth + 1];
        states[0] = state;
        int node = 0;
        while (node < size) {
            final int depth = depths[node];
            final Term next = derivatives.of(states[depth], bytes[node] & 0xff);
            if (next == nothing) {
                node = ends[node];
                continue;
            }
            states[depth + 1] = next;
            for (int id = ids[node]; id != NONE; id = twins[id]) {
                bits[id >> 6] |= 1L << id;
            }
            node++;
        }
    }

    /** Nodes: the most that a walk visits. */
    int nodes() {
        return size;
    }
}
