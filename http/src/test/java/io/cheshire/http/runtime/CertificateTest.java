package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.junit.jupiter.api.Test;

/** Certificates that clients would refuse (F41). */
@SuppressWarnings(
        "deprecation") // the JDK has no public way to make a certificate, and a key does not belong in the repository
class CertificateTest {
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private static ApiConfig.Tls validFrom(final Instant from, final Instant until) throws CertificateException {
        final SelfSignedCertificate made = new SelfSignedCertificate("localhost", Date.from(from), Date.from(until));
        return new ApiConfig.Tls(made.certificate().toPath(), made.privateKey().toPath());
    }

    @Test
    void shouldRefuseToStartWhenTheCertificateHasExpired() throws Exception {
        final Instant expiry = now.minus(Duration.ofDays(1));
        final ApiConfig.Tls tls = validFrom(now.minus(Duration.ofDays(90)), expiry);

        assertThatThrownBy(() -> new HttpTestServer(config -> config.withTls(tls), new ByteText()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "cheshire.router.http.tls.certificate",
                        tls.certificate().toString(),
                        "expired at " + expiry,
                        "Install one that is valid");
        assertThatThrownBy(() -> SettingReader.read(
                                ConfigFactory.parseString("""
                        cheshire.router.http { port = 0, tls { certificate = "%s", key = "%s" } }
                        """.formatted(tls.certificate(), tls.key()))
                                        .withFallback(ConfigFactory.load()),
                                ApiConfig::from)
                        .checked())
                .as("before a model is read")
                .hasMessageContaining("expired at " + expiry);
    }

    @Test
    void shouldRefuseToStartWhenTheCertificateIsNotValidYet() throws Exception {
        final Instant from = now.plus(Duration.ofDays(1));
        final ApiConfig.Tls tls = validFrom(from, now.plus(Duration.ofDays(90)));

        assertThatThrownBy(() -> new HttpTestServer(config -> config.withTls(tls), new ByteText()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(tls.certificate().toString(), "isn't valid before " + from, "clock");
    }

    @Test
    void shouldSayHowLongTheCertificateIsValidWhenItIs() throws Exception {
        final ApiConfig.Tls tls = validFrom(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(2)));

        try (HttpTestServer server = new HttpTestServer(config -> config.withTls(tls), new ByteText())) {
            assertThat(server.registry
                            .get("cheshire.http.certificate.remaining")
                            .timeGauge()
                            .value())
                    .isBetween(1.9 * 86_400, 2.0 * 86_400);
        }
    }
}
