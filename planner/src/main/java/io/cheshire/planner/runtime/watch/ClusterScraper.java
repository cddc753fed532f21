package io.cheshire.planner.runtime.watch;

import io.cheshire.ops.runtime.OpsClient;
import io.cheshire.planner.core.watch.Scraped;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Reads the figures of all routers of a cluster. */
public final class ClusterScraper implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int OK = 200;

    private final List<String> routers;
    private final @Nullable String key;
    private final HttpClient client;

    /**
     * @param routers addresses of their operations listeners
     * @param key     of the listeners, or null where they have none
     */
    public ClusterScraper(final List<String> routers, final @Nullable String key, final @Nullable SSLContext tls) {
        this.routers = routers.stream()
                .map(url -> url.endsWith("/") ? url.substring(0, url.length() - 1) : url)
                .toList();
        this.key = key;
        this.client = OpsClient.http(tls);
    }

    /**
     * All of them together.
     *
     * @throws IOException one doesn't answer as it should: figures of the others alone would say that load has gone
     */
    public Scraped scrape() throws IOException, InterruptedException {
        final StringBuilder all = new StringBuilder();
        for (final String router : routers) {
            final HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(router + "/metrics")).timeout(TIMEOUT);
            if (key != null) {
                request.header("Authorization", "Bearer " + key);
            }
            final HttpResponse<InputStream> response =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                final byte[] text = body.readNBytes(Scraped.MOST_CHARS + 1);
                if (response.statusCode() != OK || text.length > Scraped.MOST_CHARS) {
                    throw new IOException(router + "/metrics answers with status " + response.statusCode() + " and "
                            + text.length + " bytes; give the operations address of a router (--ops), and its key"
                            + " (--ops-key) if it has one");
                }
                all.append(new String(text, StandardCharsets.UTF_8)).append('\n');
            }
        }
        return Scraped.parse(System.nanoTime(), all.toString());
    }

    @Override
    public void close() {
        client.close();
    }
}
