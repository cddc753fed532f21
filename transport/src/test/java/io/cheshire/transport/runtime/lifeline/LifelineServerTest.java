package io.cheshire.transport.runtime.lifeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class LifelineServerTest {
    @Test
    void shouldSayWhatToDoWhenTheNodesAddressIsNotOneOfThisHost() {
        final NodeEndpoint elsewhere = new NodeEndpoint(3, 33, "aeron:udp?endpoint=192.0.2.1:40123", 7);

        assertThatThrownBy(() -> LifelineServer.open(elsewhere, 40_123, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TCP port 40123 of 192.0.2.1")
                .hasMessageContaining("cheshire.transport.lifelines = off");
    }

    @Test
    void shouldNameThePortWhenAnotherProcessListensThere() throws IOException {
        try (ServerSocket other = new ServerSocket()) {
            other.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            final int taken = other.getLocalPort();

            assertThatThrownBy(() -> LifelineServer.open(LifelineContract.NODE, taken, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("TCP port " + taken + " of 127.0.0.1: another process listens there")
                    .hasMessageContaining("cheshire.role.channel")
                    .hasMessageContaining("cheshire.transport.lifeline-port");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldGiveConnectionsAThreadOfTheirOwnWhereTheKernelCan() {
        try (LifelineServer server = LifelineServer.open(LifelineContract.NODE, 0, 2)) {
            assertThat(server).isInstanceOf(ThreadLifelines.class);
        }
    }
}
