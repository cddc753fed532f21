package io.cheshire.ops.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import com.typesafe.config.ConfigFactory;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.ops.runtime.local.EndedNodes;
import io.cheshire.settings.SettingReader;
import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a parent says to its own router: with the key and over the TLS that stand in their common configuration. */
// The JDK has no public way to make a certificate, and a key does not belong in the repository.
@SuppressWarnings("deprecation")
class OwnOpsTest {
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void shouldTellOfAnEndedNodeWithTheConfiguredKey() throws Exception {
        listen(HttpServer.create(local(), 0));
        final OwnOps ops = OwnOps.of(config("key = k-1"), port());

        new EndedNodes(ops, events::add).ended("expert-node-3", 137);

        await("the coordinator to be told").until(() -> !heard.isEmpty());
        assertThat(heard).containsExactly("/admin/v1/cluster/down Bearer k-1 its process ended with status 137");
        assertThat(events).isEmpty();
    }

    @Test
    void shouldSayThatTheKeyIsWrong() throws Exception {
        listen(HttpServer.create(local(), 0));

        new EndedNodes(OwnOps.of(config("key = k-2"), port()), events::add).ended("expert-node-3", 137);

        await("the event").until(() -> !events.isEmpty());
        assertThat(events.getFirst()).contains("node 3", "401");
    }

    @Test
    void shouldTellOverTlsWhateverNameTheCertificateHas() throws Exception {
        final SelfSignedCertificate certificate = new SelfSignedCertificate("router.internal");
        listen(tls(certificate));
        final OwnOps ops = OwnOps.of(
                config("key = k-1, tls { certificate = \"" + certificate.certificate() + "\", key = \""
                        + certificate.privateKey() + "\" }"),
                port());
        assertThat(ops.address()).startsWith("https://localhost:");

        new EndedNodes(ops, events::add).ended("expert-node-3", 137);

        await("the coordinator to be told").until(() -> !heard.isEmpty() || !events.isEmpty());
        assertThat(events).isEmpty();
    }

    @Test
    void shouldNotTellItsKeyToAnotherServer() throws Exception {
        listen(tls(new SelfSignedCertificate("localhost")));
        final SelfSignedCertificate ours = new SelfSignedCertificate("localhost");
        try (OpsClient client = new OpsClient(
                "https://localhost:" + port(),
                "k-1",
                TrustedCertificates.exactly(ours.certificate().toPath()))) {
            assertThatThrownBy(() -> client.post("drain", Map.of("node", 3))).hasMessageContaining("--ops-ca");
        }
        assertThat(heard).isEmpty();
    }

    @Test
    void shouldBelieveACertificateThatTheOperatorNames(@TempDir final Path dir) throws Exception {
        final SelfSignedCertificate certificate = new SelfSignedCertificate("localhost");
        listen(tls(certificate));
        try (OpsClient client = new OpsClient(
                "https://localhost:" + port(),
                "k-1",
                TrustedCertificates.signedBy(certificate.certificate().toPath()))) {
            client.post("drain", Map.of("node", 3, "reason", "r"));
        }
        assertThat(heard).containsExactly("/admin/v1/cluster/drain Bearer k-1 r");
        final Path none = Files.writeString(dir.resolve("none.pem"), "");
        assertThatThrownBy(() -> TrustedCertificates.signedBy(none)).hasMessageContaining(none.toString());
    }

    private static InetSocketAddress local() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private void listen(final HttpServer created) {
        server = created;
        server.createContext("/", exchange -> {
            final String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            final String key = exchange.getRequestHeaders().getFirst("authorization");
            final boolean isGood = "Bearer k-1".equals(key);
            if (isGood) {
                heard.add(exchange.getRequestURI() + " " + key + " "
                        + new ObjectMapper().readTree(body).path("reason").asText());
            }
            final byte[] answer = "{\"message\":\"ok\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(isGood ? 202 : 401, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    private static HttpsServer tls(final SelfSignedCertificate certificate) throws Exception {
        final KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setKeyEntry("own", certificate.key(), new char[0], new Certificate[] {certificate.cert()});
        final KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        final SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        final HttpsServer https = HttpsServer.create(local(), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(context));
        return https;
    }

    private static OpsConfig config(final String settings) {
        return SettingReader.read(
                ConfigFactory.parseString("cheshire.ops { " + settings + " }").withFallback(ConfigFactory.load()),
                root -> OpsConfig.from(root, 9090));
    }
}
