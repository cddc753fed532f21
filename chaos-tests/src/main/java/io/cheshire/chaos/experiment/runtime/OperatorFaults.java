package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.process.ClusterLook;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What an operator may ask of any cluster: moves and drains. One thread, and at last the one that heals. */
final class OperatorFaults {
    private static final String REASON = "an experiment";
    private static final Duration SLACK = Duration.ofSeconds(5);

    private final JsonClient ops;
    private final Consumer<String> progress;
    private final List<Integer> drained = new ArrayList<>();

    OperatorFaults(final JsonClient ops, final Consumer<String> progress) {
        this.ops = ops;
        this.progress = progress;
    }

    /**
     * Asks for the moves on a thread of its own: each answer takes a while, and what comes next in the timeline is
     * due in time.
     */
    void moveMeanwhile(final ResolvedFault fault) {
        Thread.ofVirtual().name("moves").start(() -> {
            try {
                move(fault);
            } catch (final RuntimeException failure) {
                progress.accept("not all units were asked to move: " + failure.getMessage());
            }
        });
    }

    /** Each unit goes from its first node to one that serves and doesn't hold it. */
    private void move(final ResolvedFault fault) {
        final ClusterLook look = ClusterLook.of(ops.read("/admin/v1/cluster"));
        for (final int unit : fault.units()) {
            final List<Integer> holders = look.holders().get(unit);
            final List<Integer> free = look.serving().stream()
                    .filter(node -> !holders.contains(node))
                    .toList();
            if (holders.isEmpty() || free.isEmpty()) {
                progress.accept("unit " + unit + " on " + holders + " has nowhere to go");
                continue;
            }
            post(
                    "moves",
                    Map.of(
                            "layer",
                            unit / look.expertsPerLayer(),
                            "expert",
                            unit % look.expertsPerLayer(),
                            "from",
                            holders.getFirst(),
                            "to",
                            free.get(unit % free.size()),
                            "reason",
                            REASON));
        }
    }

    /** For so long: a little later the coordinator ends it by itself, should nobody be left to do so. */
    synchronized void drain(final List<Integer> nodes, final Duration lasting) {
        nodes.forEach(node -> {
            drained.add(node);
            post("drain", Map.of("node", node, "for_ms", lasting.plus(SLACK).toMillis(), "reason", REASON));
        });
    }

    /** Tries all of them, whatever becomes of one. */
    synchronized void undrain(final List<Integer> nodes) {
        RuntimeException failed = null;
        for (final Integer node : nodes) {
            try {
                post("undrain", Map.of("node", node, "reason", REASON));
                drained.removeIf(node::equals);
            } catch (final RuntimeException failure) {
                failed = failure;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /** Every node that was drained is back in use; one that can't be asked for now ends its drain by itself. */
    synchronized void undrainAll() {
        try {
            undrain(drained.stream().distinct().toList());
        } catch (final RuntimeException failure) {
            progress.accept("a drain couldn't be ended now, and ends by itself: " + failure.getMessage());
        }
    }

    private void post(final String what, final Map<String, Object> body) {
        try {
            final JsonClient.Reply reply = ops.post("/admin/v1/cluster/" + what, body);
            if (reply.status() != 202) {
                progress.accept(what + " " + body + " was refused: " + reply.text());
            }
        } catch (final IOException failure) {
            throw new UncheckedIOException("no answer to " + what + " " + body, failure);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking for " + what, interrupted);
        }
    }
}
