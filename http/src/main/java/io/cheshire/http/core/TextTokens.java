package io.cheshire.http.core;

import io.cheshire.router.core.TokenScores;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of a text in order: which, where each one's characters end, and their scores. Kept in arrays of numbers, since
 * an answer may have a million of them with twenty alternatives each; labels are made when they are written. Pure,
 * single-threaded.
 */
public final class TextTokens {
    private static final byte PART = 1;
    private static final byte OPENING = 2;
    private static final byte LINKED = 4;
    private static final int FIRST_CAPACITY = 8;
    private static final int NO_SCORES = -1;
    private static final int BYTES_PER_TOKEN = 2 * Integer.BYTES + 1;
    private static final int BYTES_PER_SCORE = Integer.BYTES + Float.BYTES;
    private static final float[] NO_ENTROPIES = {};

    private final int most;
    private final int alternatives;
    private int size;
    private int[] ids = {};
    private int[] ends = {};
    private byte[] flags = {};
    private byte[] alternativeCounts = {};
    private float[] logprobs = {};
    private int[] bestIds = {};
    private float[] bestLogprobs = {};
    /** Of the tokens that have one; shorter than the list where none has. */
    private float[] entropies = NO_ENTROPIES;
    /** Bytes of the last token that a stop string left, -1 for all of them. */
    private int lastBytes = -1;

    /**
     * An empty list.
     *
     * @param most         tokens it will hold at most: no room is made for more
     * @param alternatives kept with each token; -1 without any scores
     */
    public TextTokens(final int most, final int alternatives) {
        this.most = most;
        this.alternatives = alternatives;
    }

    /** Bytes of heap that a token takes. */
    public static int bytesPerToken(final int alternatives) {
        return BYTES_PER_TOKEN + (alternatives < 0 ? 0 : 1 + Float.BYTES + alternatives * BYTES_PER_SCORE);
    }

    /**
     * Appends a token.
     *
     * @param end     characters of the text up to its end
     * @param isPart  its bytes are no whole characters
     * @param isFirst the text opens with it
     */
    void add(
            final int id,
            final int end,
            final boolean isPart,
            final boolean isFirst,
            final @Nullable TokenScores scores) {
        if (size == ids.length) {
            grow();
        }
        ids[size] = id;
        ends[size] = end;
        flags[size] = (byte) ((isPart ? PART : 0) | (isFirst ? OPENING : 0));
        if (alternatives >= 0) {
            setScores(scores);
        }
        size++;
    }

    private void setScores(final @Nullable TokenScores scores) {
        if (scores == null) {
            alternativeCounts[size] = NO_SCORES;
            return;
        }
        final List<TokenScores.Candidate> best = scores.best();
        final int count = Math.min(best.size(), alternatives);
        logprobs[size] = scores.logprob();
        setEntropy(scores.entropy());
        alternativeCounts[size] = (byte) count;
        for (int i = 0; i < count; i++) {
            bestIds[size * alternatives + i] = best.get(i).tokenId();
            bestLogprobs[size * alternatives + i] = best.get(i).logprob();
        }
    }

    /** Room for them is made with the first one: most answers have none. */
    private void setEntropy(final float entropy) {
        if (!Float.isNaN(entropy)) {
            if (entropies.length <= size) {
                final int had = entropies.length;
                entropies = Arrays.copyOf(entropies, ids.length);
                Arrays.fill(entropies, had, entropies.length, Float.NaN);
            }
            entropies[size] = entropy;
        }
    }

    private void grow() {
        final int capacity = Math.max(size + 1, Math.min(most, Math.max(FIRST_CAPACITY, size + size / 2)));
        ids = Arrays.copyOf(ids, capacity);
        ends = Arrays.copyOf(ends, capacity);
        flags = Arrays.copyOf(flags, capacity);
        if (alternatives >= 0) {
            alternativeCounts = Arrays.copyOf(alternativeCounts, capacity);
            logprobs = Arrays.copyOf(logprobs, capacity);
            bestIds = Arrays.copyOf(bestIds, capacity * alternatives);
            bestLogprobs = Arrays.copyOf(bestLogprobs, capacity * alternatives);
        }
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    int id(final int i) {
        return ids[i];
    }

    int end(final int i) {
        return ends[i];
    }

    void setEnd(final int i, final int end) {
        ends[i] = end;
    }

    /** Its bytes are no whole characters. */
    boolean isPart(final int i) {
        return (flags[i] & PART) != 0;
    }

    /** It opened the text: it stands without the space that it has behind others. */
    boolean isOpening(final int i) {
        return (flags[i] & OPENING) != 0;
    }

    /** A character that it began, or that was begun before it, is completed by a later one. */
    boolean isLinked(final int i) {
        return (flags[i] & LINKED) != 0;
    }

    void setLinked(final int i, final boolean isLinked) {
        flags[i] = (byte) (isLinked ? flags[i] | LINKED : flags[i] & ~LINKED);
    }

    boolean hasScores(final int i) {
        return alternatives >= 0 && alternativeCounts[i] != NO_SCORES;
    }

    float logprob(final int i) {
        return logprobs[i];
    }

    /** NaN where it isn't known. */
    float entropy(final int i) {
        return i < entropies.length ? entropies[i] : Float.NaN;
    }

    int alternativeCount(final int i) {
        return alternativeCounts[i];
    }

    int alternativeId(final int i, final int rank) {
        return bestIds[i * alternatives + rank];
    }

    float alternativeLogprob(final int i, final int rank) {
        return bestLogprobs[i * alternatives + rank];
    }

    /** Of {@code bytes}, a token's own, those that the text has. */
    byte[] shownBytes(final int i, final byte[] bytes) {
        return i == size - 1 && lastBytes >= 0 ? Arrays.copyOf(bytes, Math.min(lastBytes, bytes.length)) : bytes;
    }

    /** Drops what comes after the first {@code count}; of the last one's bytes {@code bytesLeft} stay, -1 for all. */
    void truncate(final int count, final int bytesLeft) {
        size = count;
        lastBytes = bytesLeft;
    }

    /** Drops the first {@code count}, and {@code chars} of the text before what is left. */
    void removeFirst(final int count, final int chars) {
        size -= count;
        shift(ids, count, 1);
        shift(ends, count, 1);
        System.arraycopy(flags, count, flags, 0, size);
        for (int i = 0; i < size; i++) {
            ends[i] -= chars;
        }
        if (alternatives >= 0) {
            System.arraycopy(alternativeCounts, count, alternativeCounts, 0, size);
            System.arraycopy(logprobs, count, logprobs, 0, size);
            shift(bestIds, count, alternatives);
            System.arraycopy(bestLogprobs, count * alternatives, bestLogprobs, 0, size * alternatives);
            forgetEntropies(count);
        }
    }

    private void forgetEntropies(final int count) {
        final int left = Math.max(0, Math.min(size, entropies.length - count));
        if (left > 0) {
            System.arraycopy(entropies, count, entropies, 0, left);
        }
        Arrays.fill(entropies, left, entropies.length, Float.NaN);
    }

    private void shift(final int[] values, final int count, final int width) {
        System.arraycopy(values, count * width, values, 0, size * width);
    }
}
