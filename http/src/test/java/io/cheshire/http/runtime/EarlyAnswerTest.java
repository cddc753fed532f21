package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.cheshire.http.protocol.HttpLimits;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.io.OutputStream;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Answers that come before the request is all here, and end the connection. Whoever closes with bytes unread, or while
 * more are on their way, resets the connection, and its client may lose the answer: so they are taken for a while.
 */
class EarlyAnswerTest {
    /** The rest of a request is taken for longer than any pause of this host. */
    private static final HttpLimits.Timeouts PATIENT =
            new HttpLimits.Timeouts(20_000, 20_000, 60_000, 20_000, 60_000, 20_000, 20_000);

    private static final HttpTestServer PLAIN = new HttpTestServer(EarlyAnswerTest::patient, new ByteText());
    private static final HttpTestServer TLS = tls();
    private static final int PIECES = 30;
    private static final byte[] PIECE = new byte[64 << 10];

    @AfterAll
    static void stop() {
        PLAIN.close();
        TLS.close();
    }

    @ParameterizedTest
    @CsvSource({
        "false, /tokenize, 10737418240, 413",
        "false, /tokenize, x, 400",
        "false, /v1/%2e%2e/%2e%2e/models, 2000000, 400",
        "false, /nothing, 2000000, 404",
        "false, /metrics, 2000000, 404",
        "true, /tokenize, 10737418240, 413",
        "true, /v1/%2e%2e/%2e%2e/models, 2000000, 400",
        "true, /nothing, 2000000, 404"
    })
    void shouldTakeTheRestOfTheRequestAfterTheAnswer(
            final boolean isTls, final String path, final String length, final int status) throws Exception {
        try (Socket socket = isTls ? tlsSocket() : RawClient.plain(PLAIN.port(), 0);
                RawClient client = new RawClient(socket)) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                    + length + "\r\n\r\n");
            client.send(PIECE);
            final RawClient.Response answer = client.read();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.headers().toLowerCase(Locale.ROOT)).contains("connection: close");

            final OutputStream out = socket.getOutputStream();
            assertThatCode(() -> {
                        for (int i = 1; i < PIECES; i++) {
                            out.write(PIECE);
                        }
                        assertThat(socket.getInputStream().read()).isNegative();
                    })
                    .as("the rest is taken, and the end is no reset")
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void shouldLetTheAnswerOutWhenWhatFollowsTheRefusedHeadIsMalformed() throws Exception {
        try (RawClient client = new RawClient(PLAIN.port())) {
            client.send(String.join(
                    "\r\n",
                    "POST /tokenize HTTP/1.1",
                    "Host: a",
                    "Content-Type: text/plain",
                    "Transfer-Encoding: chunked",
                    "",
                    "no size",
                    ""));
            assertThat(client.read().status()).isEqualTo(415);
            assertThat(client.isClosed()).isTrue();
        }
    }

    private static ApiConfig patient(final ApiConfig config) {
        return config.withLimits(config.limits().withTimeouts(PATIENT));
    }

    private static Socket tlsSocket() throws Exception {
        final SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        return context.getSocketFactory().createSocket(RawClient.plain(TLS.port(), 0), "localhost", TLS.port(), true);
    }

    @SuppressWarnings("deprecation") // the JDK has no public way to make a certificate
    private static HttpTestServer tls() {
        try {
            final SelfSignedCertificate made = new SelfSignedCertificate("localhost");
            final ApiConfig.Tls tls = new ApiConfig.Tls(
                    made.certificate().toPath(), made.privateKey().toPath());
            return new HttpTestServer(config -> patient(config).withTls(tls), new ByteText());
        } catch (final CertificateException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
