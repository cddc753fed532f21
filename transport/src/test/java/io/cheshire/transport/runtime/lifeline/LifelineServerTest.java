package io.cheshire.transport.runtime.lifeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.transport.protocol.NodeEndpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class LifelineServerTest {
    @Test
    void shouldSayWhatToDoWhenTheNodesAddressIsNotOneOfThisHost() {
        final NodeEndpoint elsewhere = new NodeEndpoint(3, 33, "aeron:udp?endpoint=192.0.2.1:40123", 7);

        assertThatThrownBy(() -> LifelineServer.open(elsewhere, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("192.0.2.1")
                .hasMessageContaining("cheshire.transport.lifelines = off");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldGiveConnectionsAThreadOfTheirOwnWhereTheKernelCan() {
        try (LifelineServer server = LifelineServer.open(LifelineContract.NODE, 2)) {
            assertThat(server).isInstanceOf(ThreadLifelines.class);
        }
    }
}
