package io.cheshire.transport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
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
        "lifeline-port, 65536, auto, 0 to 65535",
        "driver.name, a/b, must be a letter, 62",
        "driver.name, node, needs, cheshire.transport.driver.directory",
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

    @ParameterizedTest
    @CsvSource({
        "auto, aeron:udp?endpoint=10.0.0.7:40100, 40100",
        "auto, aeron:udp?endpoint=[fd00::7]:40100, 40100",
        "auto, aeron:udp?endpoint=[fd00::7], 0",
        "auto, aeron:ipc, 0",
        "0, aeron:udp?endpoint=10.0.0.7:40100, 0",
        "41000, aeron:udp?endpoint=10.0.0.7:40100, 41000",
        "41000, aeron:ipc, 41000",
    })
    void shouldListenForLifelinesAtTheChannelsPortUnlessTold(
            final String setting, final String channel, final int port) {
        assertThat(SettingReader.read(
                                ConfigFactory.parseString("cheshire.transport.lifeline-port = " + setting)
                                        .withFallback(ConfigFactory.defaultReference())
                                        .resolve(),
                                TransportConfig::from)
                        .lifelinePort(channel))
                .isEqualTo(port);
    }
}
