package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.serve.core.BenchException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds the counted part of a round: it begins when the last sequence has its first token and ends when every sequence
 * has enough tokens since, or the first one has ended. Told by the engine's thread; waited for by the benchmark's.
 */
final class RoundWatch {
    private static final long PATIENCE_S = 3600;

    private final int sequences;
    private final int wantedTokens;
    private final CountDownLatch allDecode = new CountDownLatch(1);
    private final CountDownLatch counted = new CountDownLatch(1);
    private final CountDownLatch ended;
    private final AtomicLong generated = new AtomicLong();
    private int started;
    private int satisfied;
    private boolean counting;
    // Published by the latches.
    private long beganNs;
    private long lastTokenNs;
    private long countedTokens;
    private volatile @Nullable String failure;

    RoundWatch(final int sequences, final int wantedTokens) {
        this.sequences = sequences;
        this.wantedTokens = wantedTokens;
        this.ended = new CountDownLatch(sequences);
    }

    /** A sequence's first token. */
    void first(final long nowNs) {
        generated.setRelease(generated.getPlain() + 1);
        started++;
        if (started == sequences) {
            beganNs = nowNs;
            lastTokenNs = nowNs;
            counting = true;
            allDecode.countDown();
        }
    }

    /** Any later token; true if it was counted. */
    boolean later(final long nowNs) {
        generated.setRelease(generated.getPlain() + 1);
        if (!counting) {
            return false;
        }
        countedTokens++;
        lastTokenNs = nowNs;
        return true;
    }

    /** A sequence has the tokens wanted. */
    void enough() {
        satisfied++;
        if (satisfied == sequences) {
            stop();
        }
    }

    void end(final @Nullable String problem) {
        if (problem != null) {
            failure = problem;
        }
        stop();
        ended.countDown();
    }

    private void stop() {
        counting = false;
        allDecode.countDown();
        counted.countDown();
    }

    int wantedTokens() {
        return wantedTokens;
    }

    void awaitAllDecode() throws InterruptedException {
        await(allDecode, "for the first tokens");
    }

    void awaitCounted() throws InterruptedException {
        await(counted, "for the tokens to count");
    }

    void awaitEnded() throws InterruptedException {
        await(ended, "for the sequences' ends");
    }

    private void await(final CountDownLatch latch, final String what) throws InterruptedException {
        if (!latch.await(PATIENCE_S, TimeUnit.SECONDS)) {
            throw new BenchException("waited an hour " + what);
        }
        final String problem = failure;
        if (problem != null) {
            throw new BenchException("a sequence failed: " + problem);
        }
    }

    /** Tokens of all sequences so far. */
    long generated() {
        return generated.getAcquire();
    }

    long countedTokens() {
        return countedTokens;
    }

    long countedNs() {
        return lastTokenNs - beganNs;
    }
}
