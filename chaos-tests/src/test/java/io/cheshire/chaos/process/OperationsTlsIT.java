package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.ServeProcess;
import io.cheshire.ops.runtime.OpsClient;
import io.cheshire.ops.runtime.TrustedCertificates;
import io.cheshire.ops.runtime.local.FreePorts;
import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Roles started by hand whose operations listeners have TLS. */
// The JDK has no public way to make a certificate, and a key does not belong in the repository.
@SuppressWarnings("deprecation")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class OperationsTlsIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Pattern OPERATIONS = Pattern.compile("operations (https?://\\S+)");

    @Test
    void shouldAnswerOverTlsInACoordinatorAndANode() throws Exception {
        final SelfSignedCertificate certificate = new SelfSignedCertificate("localhost");
        final String seed = "127.0.0.1:" + FreePorts.tcp(1).getFirst();
        final List<String> flags = List.of(
                "--nodes",
                "1",
                "--seed",
                seed,
                "-Dcheshire.ops.tls.certificate=" + certificate.certificate(),
                "-Dcheshire.ops.tls.key=" + certificate.privateKey());
        try (ServeProcess coordinator = ServeProcess.launch(
                        "coordinator", with(flags, "--cluster-port", seed.substring(seed.indexOf(':') + 1)));
                ServeProcess node =
                        ServeProcess.launch("expert-node", with(flags, "--cluster-port", "0", "--node-id", "0"));
                HttpClient client = OpsClient.http(
                        TrustedCertificates.exactly(certificate.certificate().toPath()));
                HttpClient stranger = HttpClient.newHttpClient()) {
            for (final ServeProcess process : List.of(coordinator, node)) {
                final String url = awaitUrl(process);
                assertThat(url).startsWith("https://");
                Await.until(
                        url + " is ready",
                        LIMIT,
                        Await.CLUSTER_POLL,
                        () -> status(client, url + "/ready") == 200,
                        () -> process.output().toString());
                for (final String path : List.of("/health", "/metrics", "/admin/v1/self")) {
                    assertThat(status(client, url + path)).as(path).isEqualTo(200);
                }
                assertThatThrownBy(() -> stranger.send(
                                HttpRequest.newBuilder(URI.create(url + "/health"))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding()))
                        .as("a certificate that it doesn't know")
                        .isInstanceOf(IOException.class);
            }
        }
    }

    private static List<String> with(final List<String> flags, final String... more) {
        final List<String> all = new ArrayList<>(flags);
        all.addAll(List.of(more));
        return all;
    }

    private static String awaitUrl(final ServeProcess process) {
        Await.until(
                "the process says where it listens",
                LIMIT,
                Await.CLUSTER_POLL,
                () -> !url(process).isEmpty(),
                () -> process.output().toString());
        return url(process);
    }

    private static String url(final ServeProcess process) {
        for (final String line : process.output()) {
            final Matcher said = OPERATIONS.matcher(line);
            if (said.find()) {
                return said.group(1);
            }
        }
        return "";
    }

    private static int status(final HttpClient client, final String url) {
        try {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (final IOException notYet) {
            return 0;
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }
}
