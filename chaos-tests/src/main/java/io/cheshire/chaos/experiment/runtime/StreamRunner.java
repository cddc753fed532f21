package io.cheshire.chaos.experiment.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.experiment.protocol.ExperimentLoad;
import io.cheshire.chaos.process.StreamLoad;
import io.cheshire.chaos.process.StreamTrace;
import io.cheshire.chaos.runtime.JsonClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Keeps streams running on the routers of a cluster: so many at once, or so many that begin each second. Whoever's
 * stream breaks asks the next router. {@link #run} on one thread; the figures from any.
 */
final class StreamRunner {
    private static final double NS_PER_MS = 1e6;
    private static final long PAUSE_NS = 100_000_000;
    /** Tokens that random ids may be drawn below: every model has as many. */
    private static final int VOCABULARY = 4000;

    private static final Duration LAST_STREAMS_LIMIT = Duration.ofMinutes(2);

    private final List<JsonClient> routers;
    private final ExperimentLoad load;
    private final RunView view;
    private final List<ObjectNode> requests;
    private final Map<Integer, Long> lastTokenNs = new ConcurrentHashMap<>();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private final BitSet lanes = new BitSet();
    private final Collection<Future<?>> running = new ConcurrentLinkedQueue<>();

    StreamRunner(final List<JsonClient> routers, final ExperimentLoad load, final long seed, final RunView view) {
        this.routers = List.copyOf(routers);
        this.view = view;
        this.load = load;
        this.requests =
                new StreamLoad(load.prompts(), load.promptTokens(), load.answerTokens(), VOCABULARY, seed).requests();
    }

    /** Each prompt once, all at once; what they give, in order of prompts. */
    List<StreamTrace> once() throws InterruptedException {
        final StreamTrace[] traces = new StreamTrace[requests.size()];
        running.clear();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int prompt = 0; prompt < traces.length; prompt++) {
                final int number = prompt;
                running.add(clients.submit(() -> {
                    traces[number] = StreamLoad.follow(routers.getFirst(), requests.get(number), () -> {});
                    return null;
                }));
            }
        }
        running.forEach(StreamRunner::demandNoDefect);
        return List.of(traces);
    }

    /** A stream that breaks is a result; anything else is a defect of this client. */
    private static void demandNoDefect(final Future<?> client) {
        if (client.state() == Future.State.FAILED) {
            throw new IllegalStateException("a client failed", client.exceptionNow());
        }
    }

    /** How long the stream that waits longest has had no token. */
    double longestSilenceMs() {
        final long nowNs = System.nanoTime();
        return lastTokenNs.values().stream()
                .mapToDouble(ns -> (nowNs - ns) / NS_PER_MS)
                .max()
                .orElse(0);
    }

    int ended() {
        return ended.get();
    }

    int broken() {
        return broken.get();
    }

    /** New streams begin for so long, or until it is stopped; returns when the last one has ended. */
    Collection<SeenStream> run(final Duration duration, final BooleanSupplier stopped) throws InterruptedException {
        running.clear();
        ended.set(0);
        broken.set(0);
        final Collection<SeenStream> seen = new ConcurrentLinkedQueue<>();
        final long startNs = System.nanoTime();
        final BooleanSupplier over = () -> stopped.getAsBoolean() || System.nanoTime() - startNs >= duration.toNanos();
        final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        try {
            final Double rate = load.rate();
            if (rate == null) {
                for (int lane = 0; lane < load.streams(); lane++) {
                    final int number = lane;
                    running.add(clients.submit(() -> keepAsking(number, over, seen)));
                }
            } else {
                beginEvenly(rate, startNs, over, clients, seen);
            }
            clients.shutdown();
            final Duration limit = duration.plus(LAST_STREAMS_LIMIT);
            while (!clients.awaitTermination(PAUSE_NS, TimeUnit.NANOSECONDS)) {
                if (System.nanoTime() - startNs > limit.toNanos() || stopped.getAsBoolean()) {
                    break;
                }
            }
            running.forEach(StreamRunner::demandNoDefect);
            return new ArrayList<>(seen);
        } finally {
            clients.shutdownNow();
        }
    }

    private void beginEvenly(
            final double rate,
            final long startNs,
            final BooleanSupplier over,
            final ExecutorService clients,
            final Collection<SeenStream> seen) {
        final long distanceNs = Math.round(1e9 / rate);
        for (int number = 0; !over.getAsBoolean(); number++) {
            final long dueNs = startNs + number * distanceNs;
            while (dueNs - System.nanoTime() > 0 && !over.getAsBoolean()) {
                LockSupport.parkNanos(Math.min(PAUSE_NS, dueNs - System.nanoTime()));
            }
            final int prompt = number % requests.size();
            final int router = number % routers.size();
            running.add(clients.submit(() -> {
                final int lane = takeLane();
                seen.add(ask(lane, prompt, router));
                freeLane(lane);
                return null;
            }));
        }
    }

    private synchronized int takeLane() {
        final int lane = lanes.nextClearBit(0);
        lanes.set(lane);
        return lane;
    }

    private synchronized void freeLane(final int lane) {
        lanes.clear(lane);
    }

    private Void keepAsking(final int lane, final BooleanSupplier over, final Collection<SeenStream> seen)
            throws InterruptedException {
        int router = lane % routers.size();
        while (!over.getAsBoolean()) {
            final SeenStream stream = ask(lane, lane, router);
            seen.add(stream);
            if (stream.trace().error() != null) {
                router = (router + 1) % routers.size();
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
        return null;
    }

    private void heard(final int lane, final long beganNs) {
        final long nowNs = System.nanoTime();
        final Long lastNs = lastTokenNs.put(lane, nowNs);
        // What waits for its first token waits in the queue.
        view.token(nowNs, lastNs == null || lastNs == beganNs ? 0 : nowNs - lastNs);
    }

    private SeenStream ask(final int lane, final int prompt, final int router) throws InterruptedException {
        final long beganNs = System.nanoTime();
        lastTokenNs.put(lane, beganNs);
        try {
            final StreamTrace trace =
                    StreamLoad.follow(routers.get(router), requests.get(prompt), () -> heard(lane, beganNs));
            ended.incrementAndGet();
            if (trace.error() != null) {
                broken.incrementAndGet();
            }
            return new SeenStream(lane, prompt, beganNs, trace);
        } finally {
            lastTokenNs.remove(lane);
        }
    }
}
