package io.cheshire.transport.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.transport.protocol.Channels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An answer goes to who asked, whatever he says of himself. */
class ReplyChannelsTest {
    private static final String OWN = "aeron:udp?endpoint=10.0.0.1:4000";

    @ParameterizedTest
    @CsvSource({
        "10.0.0.7:40123, 10.0.0.7:5555, 10.0.0.7:40123",
        "10.0.0.8:40123, 10.0.0.7:5555, ",
        "router-7.rack:40123, 10.0.0.7:5555, 10.0.0.7:40123",
        "0.0.0.0:40123, 10.0.0.7:5555, ",
        "10.1:40123, 10.0.0.7:5555, ",
        "0x0a000008:40123, 10.0.0.7:5555, 10.0.0.7:40123",
        "167772167:40123, 10.0.0.7:5555, 167772167:40123",
        "[fd00::7]:40123, [fd00:0:0:0:0:0:0:7]:5555, [fd00::7]:40123",
        "[fd00::8]:40123, [fd00::7]:5555, ",
        "[:40123, 10.0.0.7:5555, ",
        "router-7, 10.0.0.7:5555, ",
        ":40123, 10.0.0.7:5555, ",
        "router-7:40123, no address, ",
    })
    void shouldAnswerTheSenderOrNobody(final String asked, final String source, final String answered) {
        assertThat(ReplyChannels.toSender("aeron:udp?endpoint=" + asked, OWN, source))
                .isEqualTo(answered == null ? null : "aeron:udp?endpoint=" + answered);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:5555, true", "10.0.0.7:5555, false", "[::1]:5555, true"})
    void shouldAnswerOverSharedMemoryWhoIsOnThisHost(final String source, final boolean answered) {
        assertThat(ReplyChannels.toSender(Channels.IPC, OWN, source)).isEqualTo(answered ? Channels.IPC : null);
        assertThat(ReplyChannels.toSender(OWN, Channels.IPC, "aeron:ipc")).isEqualTo(OWN);
    }
}
