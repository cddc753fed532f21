package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.ServeProcess;
import io.cheshire.model.runtime.synth.Synth;
import io.cheshire.model.runtime.synth.SynthShape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows as wide as a real model's, of one layer and two experts with random weights: a channel's window holds a few
 * dozen of them and over UDP a row is many datagrams, so that back pressure, reassembly and full windows are met, which
 * a small model never meets.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes a minute: give -Dcheshire.test.long=true")
class WideRowsIT {
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final long SEED = Long.getLong("cheshire.seed", 20_261_129L);
    private static final int STOPS = Integer.getInteger("cheshire.stops", 4);
    private static final int VOCABULARY = 256;
    private static final SynthShape SHAPE = new SynthShape(4096, 512, 1, 4, 2, 64, 2, VOCABULARY, 2048, 0);
    /** Of the router that is stopped: all of it prefill, whose rows every node owes it by the hundred. */
    private static final int PROMPT_TOKENS = 1024;

    /** So that every frame carries a MAC, those of many fragments, too. */
    private static final String SECRET = "-Dcheshire.transport.secret=of-rows-as-wide-as-real-ones";

    private static final Duration LONGEST_GAP = Duration.ofSeconds(1);

    /** From a signal to stop to the one to go on. */
    private record Stop(long fromNs, long toNs) {}

    @Test
    void shouldServeOneRouterWhileAnotherIsStoppedAndAsEverWhenANodeIsKilled(@TempDir final Path directory)
            throws Exception {
        final boolean udp = Boolean.getBoolean("cheshire.udp");
        final Path model = directory.resolve("model");
        Synth.write(model, SHAPE.toConfig(), Synth.Options.ofSeed(SEED));
        try (ClusterProcesses cluster = ClusterProcesses.start(
                START_LIMIT,
                List.of(
                        "--nodes",
                        "2",
                        "--replicas",
                        "2",
                        "--data-plane",
                        udp ? "udp" : "ipc",
                        "--model",
                        model.toString(),
                        SECRET,
                        "--log-dir",
                        directory.resolve("logs").toString()))) {
            cluster.awaitWhole(2, 2, START_LIMIT);
            checkStoppedRouter(cluster, model);
            checkKilledNode(cluster);
        }
    }

    private static void checkKilledNode(final ClusterProcesses cluster) throws Exception {
        final StreamLoad load = new StreamLoad(4, 200, 60, VOCABULARY, SEED);
        final List<StreamTrace> whole = load.run(cluster.api(), List.of());
        final List<StreamTrace> hurt = load.run(cluster.api(), List.of(() -> cluster.harm("expert-node-1", Harm.KILL)));
        assertThat(whole).allSatisfy(trace -> assertThat(trace.error()).isNull());
        assertThat(Comparison.of(hurt, whole))
                .as("streams while a node was killed")
                .isEqualTo(new Comparison(0, 0, ""));
    }

    private static void checkStoppedRouter(final ClusterProcesses cluster, final Path model) throws Exception {
        final List<String> flags = new ArrayList<>(cluster.joinFlags());
        flags.addAll(List.of("--router-id", "1", "--model", model.toString(), SECRET));
        final StreamLoad load = new StreamLoad(2, 8, 60 * (2 * STOPS + 1) / 2, VOCABULARY, SEED);
        final AtomicBoolean done = new AtomicBoolean();
        try (ServeProcess stopped = ServeProcess.startRouter(flags);
                JsonClient other = new JsonClient(stopped.port());
                ExecutorService clients = Executors.newSingleThreadExecutor()) {
            Await.until(
                    "the second router is ready",
                    START_LIMIT,
                    Await.CLUSTER_POLL,
                    () -> JoiningProcessCases.isReady(other),
                    () -> stopped.output().toString());
            final List<StreamTrace> expected = load.run(cluster.api(), List.of());
            final Future<List<StreamTrace>> prefills = clients.submit(() -> prefill(other, done));
            final List<Stop> stops = new CopyOnWriteArrayList<>();
            final List<StreamTrace> traces;
            try {
                traces = load.run(cluster.api(), signals(stopped, stops));
            } finally {
                done.set(true);
                stopped.signal("CONT");
            }
            for (final Stop stop : stops) {
                System.out.printf(
                        "stopped for %.0f ms: longest gap %.0f ms%n",
                        (stop.toNs - stop.fromNs) / 1e6, longestGapNs(stop, traces) / 1e6);
            }

            assertThat(Comparison.of(traces, expected)).isEqualTo(new Comparison(0, 0, ""));
            assertThat(stops)
                    .hasSize(STOPS)
                    .allSatisfy(stop -> assertThat(longestGapNs(stop, traces))
                            .as("longest gap of the other router's streams in ns")
                            .isLessThan(LONGEST_GAP.toNanos()));
            assertThat(prefills.get())
                    .as("streams of the router that was stopped")
                    .isNotEmpty()
                    .allSatisfy(trace -> assertThat(trace.error()).isNull());
            final List<StreamTrace> first = prefills.get().subList(0, prefill(0).streams());
            assertThat(Comparison.of(first, prefill(0).run(cluster.api(), List.of())))
                    .as("its tokens, by the other router")
                    .isEqualTo(new Comparison(0, 0, ""));
        }
    }

    /** Stop and go on, in turn, at even distances of tokens. */
    private static List<Runnable> signals(final ServeProcess router, final List<Stop> stops) {
        final long[] fromNs = new long[1];
        final List<Runnable> steps = new ArrayList<>();
        for (int i = 0; i < STOPS; i++) {
            steps.add(() -> {
                fromNs[0] = System.nanoTime();
                router.signal("STOP");
            });
            steps.add(() -> {
                router.signal("CONT");
                stops.add(new Stop(fromNs[0], System.nanoTime()));
            });
        }
        return steps;
    }

    private static StreamLoad prefill(final int round) {
        return new StreamLoad(4, PROMPT_TOKENS, 2, VOCABULARY, SEED + 1 + round);
    }

    /** Round after round of prompts that nobody has asked before. */
    private static List<StreamTrace> prefill(final JsonClient api, final AtomicBoolean done)
            throws InterruptedException {
        final List<StreamTrace> traces = new ArrayList<>();
        for (int round = 0; !done.get(); round++) {
            traces.addAll(prefill(round).run(api, List.of()));
        }
        return traces;
    }

    /** Of those that a stop had a part in. */
    private static long longestGapNs(final Stop stop, final List<StreamTrace> traces) {
        long longestNs = 0;
        for (final StreamTrace trace : traces) {
            for (int i = 1; i < trace.arrivalsNs().size(); i++) {
                final long fromNs = trace.arrivalsNs().get(i - 1);
                final long toNs = trace.arrivalsNs().get(i);
                if (toNs > stop.fromNs && fromNs < stop.toNs) {
                    longestNs = Math.max(longestNs, toNs - fromNs);
                }
            }
        }
        return longestNs;
    }
}
