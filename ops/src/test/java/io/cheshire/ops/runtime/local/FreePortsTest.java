package io.cheshire.ops.runtime.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class FreePortsTest {
    private static final int MANY = 64;

    @Test
    void shouldDrawPortsOfWhichNoTwoAreTheSame() throws IOException {
        assertThat(FreePorts.tcp(MANY)).hasSize(MANY).doesNotHaveDuplicates();
        assertThat(FreePorts.udp(MANY)).hasSize(MANY).doesNotHaveDuplicates();
    }

    @Test
    void shouldGiveBackWhatItDrew() throws IOException {
        for (final int port : FreePorts.tcp(2)) {
            new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
        }
        for (final int port : FreePorts.udp(2)) {
            new DatagramSocket(port, InetAddress.getLoopbackAddress()).close();
        }
    }
}
