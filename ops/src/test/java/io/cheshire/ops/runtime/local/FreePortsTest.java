package io.cheshire.ops.runtime.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
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
    void shouldDrawNoPortThatTheKernelMayGiveToAnotherMemberMeanwhile() throws IOException {
        assertThat(FreePorts.tcp(MANY)).allMatch(port -> port < FreePorts.firstOfKernel());
        assertThat(FreePorts.udp(MANY)).allMatch(port -> port < FreePorts.firstOfKernel());
    }

    @Test
    void shouldPassOverPortsThatAreTakenWhenItDraws() throws IOException {
        assertThat(FreePorts.draw(1, 100, 110, FreePortsTest::allButOne)).containsExactly(105);
    }

    @Test
    void shouldSayHowManyAreFreeWhenThereAreTooFew() {
        assertThatThrownBy(() -> FreePorts.draw(2, 100, 110, FreePortsTest::allButOne))
                .isInstanceOf(IOException.class)
                .hasMessage("of the ports from 100 to 109 only 1 are free, and 2 are needed");
    }

    private static Closeable allButOne(final int port) throws IOException {
        if (port != 105) {
            throw new BindException("taken");
        }
        return () -> {};
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
