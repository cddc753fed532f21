package io.cheshire.chaos.process;

import io.cheshire.chaos.runtime.EventStream;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Requests without end. */
final class ConsoleLoad implements AutoCloseable {
    private final AtomicBoolean stops = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();

    ConsoleLoad(final JsonClient api, final int streams) {
        for (int i = 0; i < streams; i++) {
            final int seed = i;
            threads.add(Thread.ofVirtual().start(() -> run(api, seed)));
        }
    }

    private void run(final JsonClient api, final int seed) {
        for (int round = 0; !stops.get(); round++) {
            try {
                final Map<String, Object> request = Map.of(
                        "prompt",
                        "Question " + seed + ", " + round + ": what is " + seed * 7 + " + " + round + "?",
                        "max_tokens",
                        60 + 40 * (seed % 4),
                        "ignore_eos",
                        true,
                        "stream",
                        true);
                try (EventStream answer = api.stream("/v1/completions", request)) {
                    while (answer.next() != null && !stops.get()) {
                        // Read as it comes.
                    }
                }
            } catch (final IOException | InterruptedException over) {
                return;
            }
        }
    }

    @Override
    public void close() {
        stops.set(true);
        threads.forEach(thread -> {
            try {
                thread.join();
            } catch (final InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
