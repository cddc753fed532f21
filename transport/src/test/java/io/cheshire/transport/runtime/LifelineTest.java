package io.cheshire.transport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ends of lifelines over real connections of the loopback interface. */
class LifelineTest {
    private static final NodeEndpoint NODE = new NodeEndpoint(3, 33, "aeron:udp?endpoint=127.0.0.1:40123", 7);
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    private final LifelineServer server = LifelineServer.open(NODE, 2);
    private final List<AutoCloseable> opened = new ArrayList<>(List.of(server));

    @AfterEach
    void closeAll() throws Exception {
        for (final AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private Lifeline lifelineTo(final NodeEndpoint node) {
        final Lifeline lifeline = Lifeline.to(node, TIMEOUT_NS);
        opened.add(lifeline);
        return lifeline;
    }

    private Lifeline held() {
        final Lifeline lifeline = lifelineTo(server.endpoint());
        await("the node greets").atMost(WAIT).until(lifeline::isHeld);
        return lifeline;
    }

    private Socket stranger() throws IOException {
        final Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        opened.add(socket);
        socket.setSoTimeout(Math.toIntExact(WAIT.toMillis()));
        return socket;
    }

    private int port() {
        final String address = server.endpoint().lifeline();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @Test
    void shouldBeCutWhenTheNodesEndCloses() {
        final Lifeline lifeline = held();
        assertThat(lifeline.isCut()).isFalse();

        server.close();

        await("it is cut").atMost(WAIT).until(lifeline::isCut);
    }

    @Test
    void shouldNotBeCutWhenTheRouterLetsGoItself() {
        final Lifeline own = held();
        final Lifeline other = held();

        own.close();

        await("the node has room for another").atMost(WAIT).until(() -> {
            final Lifeline next = lifelineTo(server.endpoint());
            await("it is held or refused").atMost(WAIT).until(() -> next.isHeld() || next.hasEnded());
            return next.isHeld();
        });
        await("its thread is gone").atMost(WAIT).until(own::hasEnded);
        assertThat(own.isCut()).isFalse();
        assertThat(other.isCut()).isFalse();
    }

    @Test
    void shouldNotBeHeldWhenAnotherStartOfTheNodeAnswers() {
        final Lifeline lifeline = lifelineTo(new NodeEndpoint(
                3, NODE.incarnation() + 1, NODE.channel(), 7, server.endpoint().lifeline()));

        await("it has ended").atMost(WAIT).until(lifeline::hasEnded);
        assertThat(lifeline.isHeld()).isFalse();
        assertThat(lifeline.isCut()).isFalse();
    }

    @Test
    void shouldNotBeCutWhenNobodyListens() throws IOException {
        final int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        final Lifeline lifeline = lifelineTo(NODE.withLifeline("127.0.0.1:" + port));

        await("it has ended").atMost(WAIT).until(lifeline::hasEnded);
        assertThat(lifeline.isHeld()).isFalse();
        assertThat(lifeline.isCut()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", ":1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x", "a b:1", "h/p:1"})
    void shouldNotBeCutWhenTheAddressIsNone(final String address) {
        final Lifeline lifeline = lifelineTo(NODE.withLifeline(address));

        await("it has ended").atMost(WAIT).until(lifeline::hasEnded);
        assertThat(lifeline.isHeld()).isFalse();
        assertThat(lifeline.isCut()).isFalse();
    }

    @Test
    void shouldRefuseConnectionsBeyondTheBoundAndKeepTheOthers() throws IOException {
        final Lifeline first = held();
        final Lifeline second = held();

        assertThat(stranger().getInputStream().read()).isEqualTo(-1);

        assertThat(first.isCut()).isFalse();
        assertThat(second.isCut()).isFalse();
        server.close();
        await("both are cut").atMost(WAIT).until(() -> first.isCut() && second.isCut());
    }

    @Test
    void shouldEndAConnectionThatSays() throws IOException {
        final Socket stranger = stranger();
        final DataInputStream in = new DataInputStream(stranger.getInputStream());
        assertThat(in.readLong()).isEqualTo(NODE.incarnation());

        stranger.getOutputStream().write('G');

        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void shouldSayWhatToDoWhenTheNodesAddressIsNotOneOfThisHost() {
        final NodeEndpoint elsewhere = new NodeEndpoint(3, 33, "aeron:udp?endpoint=192.0.2.1:40123", 7);

        assertThatThrownBy(() -> LifelineServer.open(elsewhere, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("192.0.2.1")
                .hasMessageContaining("cheshire.transport.lifelines = off");
    }
}
