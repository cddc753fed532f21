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

    /** The node of the longest token that {@code text[from .. to)} begins with, or -1. */
    int longest(final byte[] text, final int from, final int to) {
        int best = NONE;
        int node = child(NONE, text[from]);
        for (int at = from + 1; node >= 0; at++) {
            best = ids[node] == NONE ? best : node;
            node = at < to ? child(node, text[at]) : NONE;
        }
        return best;
    }

    /**
     * There is one token only that agrees with {@code text[from .. to)}, as far as both go.
     *
     * @param goesOn something may stand behind the text
     */
    boolean isOnly(final byte[] text, final int from, final int to, final boolean goesOn) {
        int found = 0;
        int node = child(NONE, text[from]);
        for (int at = from + 1; node >= 0 && found < 2; at++) {
            for (int id = ids[node]; id != NONE; id = twins[id]) {
                found++;
            }
            if (at == to) {
                return found == 1 && !(goesOn && node + 1 < ends[node]);
            }
            node = child(node, text[at]);
        }
        return found == 1;
    }

    /** The last of the ids at a node: those before it are single bytes where a vocabulary has characters twice. */
    int idAt(final int node) {
        return ids[node];
    }

    /** Bytes of the tokens at a node. */
    int lengthAt(final int node) {
        return depths[node] + 1;
    }

    private int child(final int node, final byte value) {
        final int end = node < 0 ? size : ends[node];
        for (int at = node + 1; at < end; at = ends[at]) {
            if (bytes[at] == value) {
                return at;
            }
        }
        return NONE;
    }

    /** Nodes: the most that a walk visits. */
    int nodes() {
        return size;
    }
}
