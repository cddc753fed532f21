package io.cheshire.ops.runtime.local;

import io.cheshire.ops.runtime.OwnOps;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks the router of a local cluster whether it is ready. Used by one thread. */
public final class ReadyProbe implements AutoCloseable {
    private static final int OK = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final HttpClient client;
    private final HttpRequest probe;

    /** @param operations of the router */
    public ReadyProbe(final OwnOps operations) {
        client = operations.http();
        probe = HttpRequest.newBuilder(URI.create(operations.address() + "/ready"))
                .timeout(PATIENCE)
                .build();
    }

    /** Whether it says so now. */
    public boolean isReady() throws InterruptedException {
        try {
            return client.send(probe, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
        } catch (final IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
