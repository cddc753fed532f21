package io.cheshire.planner.runtime.validate;

import io.cheshire.benchmarks.serve.core.PlannedRequest;
import io.cheshire.benchmarks.serve.core.PromptTokens;
import io.cheshire.benchmarks.serve.core.RequestResult;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.benchmarks.serve.runtime.CompletionClient;
import io.cheshire.planner.protocol.run.RequestStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** Sends the requests that were simulated to a server, each when it is due. One thread. */
final class LiveLoad implements AutoCloseable {
    private final CompletionClient client;
    private int index;

    /** @param vocabulary prompts are random ids below this */
    LiveLoad(final int port, final String model, final int vocabulary, final long seed) {
        client = new CompletionClient(
                new CompletionClient.Target(
                        URI.create("http://localhost:" + port), "", model, 0, Duration.ofMinutes(2), false),
                new PromptTokens(seed, vocabulary));
    }

    /** Runs them to the last answer; no two prompts of any runs are alike, so that no cache answers. */
    List<RequestResult> run(final RequestStream requests) throws InterruptedException {
        final List<CompletableFuture<RequestResult>> running = new ArrayList<>();
        final long originNs = System.nanoTime();
        for (int i = 0; i < requests.size(); i++) {
            for (long left = left(originNs, requests.arrivalNs(i));
                    left > 0;
                    left = left(originNs, requests.arrivalNs(i))) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while requests were sent");
                }
                LockSupport.parkNanos(left);
            }
            running.add(client.send(
                    new PlannedRequest(
                            index++,
                            requests.arrivalNs(i),
                            RequestShape.of(requests.promptTokens(i), requests.outputTokens(i)),
                            0),
                    originNs));
        }
        return running.stream().map(CompletableFuture::join).toList();
    }

    private static long left(final long originNs, final long arrivalNs) {
        return originNs + arrivalNs - System.nanoTime();
    }

    @Override
    public void close() {
        client.close();
    }
}
