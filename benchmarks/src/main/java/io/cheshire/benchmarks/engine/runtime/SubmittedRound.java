package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.router.core.Engine.Admission;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.runtime.engine.EngineAgent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Sequences that an engine got all at once, each followed to its end. Used by one thread. */
final class SubmittedRound {
    private static final long POLL_NS = 500_000;

    private final EngineAgent engine;
    private final RoundWatch watch;
    private final List<SequenceLog> logs = new ArrayList<>();

    private SubmittedRound(final EngineAgent engine, final int sequences) {
        this.engine = engine;
        this.watch = new RoundWatch(sequences, Integer.MAX_VALUE);
    }

    /** @throws BenchException the engine refuses one */
    static SubmittedRound of(final EngineAgent engine, final List<GenerationRequest> requests) {
        final SubmittedRound round = new SubmittedRound(engine, requests.size());
        for (final GenerationRequest request : requests) {
            final SequenceLog log = new SequenceLog(round.watch, request.maxTokens());
            round.logs.add(log);
            if (!(engine.submit(request, log) instanceof Admission.Accepted)) {
                throw new BenchException("the engine refused a sequence");
            }
        }
        return round;
    }

    RoundWatch watch() {
        return watch;
    }

    /** The last step of a sequence may run on when its reader has its end. */
    void awaitIdle() {
        while (engine.status().running() > 0) {
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** What each generated. */
    List<List<Integer>> tokens() {
        return logs.stream().map(SequenceLog::tokens).toList();
    }
}
