package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenAddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, false, http://localhost:81",
        "0.0.0.0, true, https://localhost:81",
        "::1, false, http://localhost:81",
        "192.0.2.7, false, http://192.0.2.7:81",
        "2001:db8::7, true, https://[2001:db8::7]:81"
    })
    void shouldShowWhatABrowserOnThisHostOpensWhenItListens(
            final String host, final boolean isTls, final String expected) {
        assertThat(address(host, 0).url(isTls, 81)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"-1", "65536", "70000"})
    void shouldNameSettingValueAndRangeWhenAPortIsNone(final int port) {
        assertThatThrownBy(() -> address("127.0.0.1", port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("a.b.port", Integer.toString(port), "65535");
    }

    @Test
    void shouldRefuseAPortOnlyWhileItIsTaken() throws Exception {
        final int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
            assertThatThrownBy(() -> address("127.0.0.1", port).requireFree())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("127.0.0.1:" + port, "(a.b)", "in use", "--x");
        }
        assertThatCode(() -> address("127.0.0.1", port).requireFree()).doesNotThrowAnyException();
    }

    private static ListenAddress address(final String host, final int port) {
        return new ListenAddress("a.b", "--x", host, port);
    }
}
