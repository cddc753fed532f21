package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cheshire.http.core.TextModel;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What was accepted is answered, from its headers on, and an ordinary stop leaves no error in the log. */
class DrainIT {
    private static final String BODY = "{\"prompt\":\"abc\",\"max_tokens\":3}";
    private static final int COUNT = 20;

    private final AtomicInteger busy = new AtomicInteger();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final List<RawClient> clients = new ArrayList<>();

    @BeforeEach
    void listen() {
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void stop() throws Exception {
        root.detachAppender(log);
        for (final RawClient client : clients) {
            client.close();
        }
        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.ERROR))
                .isEmpty();
    }

    @Test
    void shouldServeRequestsWhoseBodiesStillArrive() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final CompletableFuture<Boolean> drained = drainHalfSent(server, Duration.ofSeconds(20));
            for (final RawClient client : clients) {
                client.send(BODY.substring(5));
            }
            for (final RawClient client : clients) {
                final RawClient.Response response = client.read();
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.body()).contains("\"text\":\"abc\"");
            }
            assertThat(drained.get()).isTrue();
        }
    }

    @Test
    void shouldAnswerRequestsWhoseBodiesDoNotArriveInTime() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final CompletableFuture<Boolean> drained = drainHalfSent(server, Duration.ofMillis(100));
            for (final RawClient client : clients) {
                final RawClient.Response response = client.read();
                assertThat(response.status()).isEqualTo(503);
                assertThat(response.body()).contains("shutting_down");
            }
            assertThat(drained.get()).isFalse();
        }
    }

    @Test
    void shouldAnswerRequestsThatWaitForATokenizer() throws Exception {
        final CountDownLatch gate = new CountDownLatch(1);
        try (HttpTestServer server = new HttpTestServer(config -> config, slowText(gate))) {
            post(server);
            final CompletableFuture<Boolean> drained =
                    CompletableFuture.supplyAsync(() -> server.server.drain(Duration.ofMillis(100)));
            await("the drain to be out of patience").until(() -> server.rejected("shutting_down") > 0);
            gate.countDown();
            for (final RawClient client : clients) {
                final RawClient.Response response = client.read();
                assertThat(response.status()).isEqualTo(503);
                assertThat(response.body()).contains("shutting_down");
            }
            assertThat(drained.get()).isFalse();
        }
    }

    @Test
    void shouldServeRequestsThatWaitForATokenizer() throws Exception {
        final CountDownLatch gate = new CountDownLatch(1);
        try (HttpTestServer server = new HttpTestServer(config -> config, slowText(gate))) {
            post(server);
            final CompletableFuture<Boolean> drained =
                    CompletableFuture.supplyAsync(() -> server.server.drain(Duration.ofSeconds(20)));
            await("the drain to begin").until(server.server::isDraining);
            gate.countDown();
            for (final RawClient client : clients) {
                assertThat(client.read().status()).isEqualTo(200);
            }
            assertThat(drained.get()).isTrue();
        }
    }

    @Test
    void shouldNotEndBeforeTheTokenizerThreadsDid() throws Exception {
        final CountDownLatch gate = new CountDownLatch(1);
        final HttpTestServer server = new HttpTestServer(config -> config, slowText(gate));
        try (server) {
            post(server);
            await("a tokenizer thread to be busy").until(() -> busy.get() > 0);
            final Thread closing = Thread.ofVirtual().start(server.server::close);
            await("the requests to be answered").until(() -> server.rejected("shutting_down") > 0);
            assertThat(closing.isAlive()).isTrue();
            gate.countDown();
            closing.join();
            assertThat(busy).hasValue(0);
        }
    }

    /** A tokenizer that nothing interrupts, as native code. */
    private TextModel slowText(final CountDownLatch gate) {
        final TextModel text = new ByteText();
        return (TextModel) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {TextModel.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("encode")) {
                        busy.incrementAndGet();
                        awaitWhateverHappens(gate);
                        busy.decrementAndGet();
                    }
                    return method.invoke(text, arguments);
                });
    }

    private static void awaitWhateverHappens(final CountDownLatch gate) {
        boolean isInterrupted = false;
        while (gate.getCount() > 0) {
            try {
                gate.await();
            } catch (final InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void post(final HttpTestServer server) throws Exception {
        for (int i = 0; i < COUNT; i++) {
            final RawClient client = new RawClient(server.port());
            clients.add(client);
            client.post("/v1/completions", BODY);
        }
        await("all to be accepted").until(() -> server.server.runningRequests() == COUNT);
    }

    private CompletableFuture<Boolean> drainHalfSent(final HttpTestServer server, final Duration patience)
            throws Exception {
        for (int i = 0; i < COUNT; i++) {
            final RawClient client = new RawClient(server.port());
            clients.add(client);
            client.send("POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                    + BODY.length() + "\r\n\r\n" + BODY.substring(0, 5));
        }
        await("all to be accepted").until(() -> server.server.runningRequests() == COUNT);
        final CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(() -> server.server.drain(patience));
        await("the drain to begin").until(server.server::isDraining);
        return drained;
    }
}
