package io.cheshire.transport.runtime;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A value that can't work is refused at the start, by its own name. */
class TransportConfigTest {
    @ParameterizedTest
    @CsvSource({
        "term-buffer-bytes, 3000000, a power of two, 2097152",
        "term-buffer-bytes, 4096, a power of two, 65536",
        "term-buffer-bytes, -1, a power of two, 65536",
        "ipc-mtu-bytes, 65505, a multiple of 32, 65504",
        "term-buffer-bytes, 65536, ipc-mtu-bytes = 65504, 8192",
        "udp-mtu-bytes, 0, a multiple of 32, 1024",
    })
    void shouldNameSettingValueAndLimitWhenAValueCannotWork(
            final String setting, final String value, final String rule, final String figure) {
        assertThatThrownBy(() -> SettingReader.read(
                        ConfigFactory.parseString("cheshire.transport." + setting + " = " + value)
                                .withFallback(ConfigFactory.defaultReference())
                                .resolve(),
                        TransportConfig::from))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("cheshire.transport." + setting, rule, figure);
    }
}
