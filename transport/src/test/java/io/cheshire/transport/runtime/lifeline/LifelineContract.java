package io.cheshire.transport.runtime.lifeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ends of lifelines over real connections of the loopback interface; what every {@link LifelineServer} keeps. */
abstract class LifelineContract {
    static final NodeEndpoint NODE = new NodeEndpoint(3, 33, "aeron:udp?endpoint=127.0.0.1:40123", 7);
    static final Duration WAIT = Duration.ofSeconds(30);
    static final long PROOF = 0x1234_5678_9ABC_DEF1L;
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    LifelineServer server;
    private final List<AutoCloseable> opened = new ArrayList<>();

    abstract LifelineServer open(NodeEndpoint node, InetSocketAddress address, int maxConnections) throws IOException;

    private static InetSocketAddress anyPortOf(final String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 0);
    }

    @BeforeEach
    void open() throws IOException {
        server = open(NODE, anyPortOf("127.0.0.1"), 2);
        opened.add(server);
        server.allow(PROOF);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (final AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private LifelineConnection lifelineTo(final NodeEndpoint node) throws IOException {
        final LifelineConnection lifeline = LifelineConnection.to(node, PROOF, TIMEOUT_NS, System.nanoTime());
        opened.add(lifeline);
        return lifeline;
    }

    LifelineConnection held() throws IOException {
        final LifelineConnection lifeline = lifelineTo(server.endpoint());
        await("the node greets").atMost(WAIT).until(lifeline::isHeld);
        return lifeline;
    }

    private static boolean isCut(final LifelineConnection lifeline) {
        return lifeline.isCut(System.nanoTime());
    }

    private Socket stranger() throws IOException {
        final Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        opened.add(socket);
        socket.setSoTimeout(Math.toIntExact(WAIT.toMillis()));
        return socket;
    }

    int port() {
        return port(server);
    }

    static String hostOf(final NodeEndpoint node) {
        return Channels.host(node.channel());
    }

    private static int port(final LifelineServer server) {
        final String address = server.endpoint().lifeline();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @Test
    void shouldBeCutWhenTheNodesEndCloses() throws IOException {
        final LifelineConnection lifeline = held();
        assertThat(isCut(lifeline)).isFalse();

        server.close();

        await("it is cut").atMost(WAIT).until(() -> isCut(lifeline));
    }

    @Test
    void shouldNotBeCutWhenTheRouterLetsGoItself() throws IOException {
        final LifelineConnection own = held();
        final LifelineConnection other = held();

        own.close();

        await("the node has room for another").atMost(WAIT).until(() -> {
            final LifelineConnection next = lifelineTo(server.endpoint());
            await("it is held or refused").atMost(WAIT).until(() -> next.isHeld() || next.hasEnded());
            return next.isHeld();
        });
        await("its thread is gone").atMost(WAIT).until(own::hasEnded);
        assertThat(isCut(own)).isFalse();
        assertThat(isCut(other)).isFalse();
    }

    @Test
    void shouldNotBeHeldWhenAnotherStartOfTheNodeAnswers() throws IOException {
        final LifelineConnection lifeline = lifelineTo(new NodeEndpoint(
                3, NODE.incarnation() + 1, NODE.channel(), 7, server.endpoint().lifeline()));

        await("it has ended").atMost(WAIT).until(lifeline::hasEnded);
        assertThat(lifeline.isHeld()).isFalse();
        assertThat(isCut(lifeline)).isFalse();
    }

    @Test
    void shouldNotBeCutWhenNobodyListens() throws IOException {
        final int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        final LifelineConnection lifeline = lifelineTo(NODE.withLifeline("127.0.0.1:" + port));

        await("it has ended").atMost(WAIT).until(lifeline::hasEnded);
        assertThat(lifeline.isHeld()).isFalse();
        assertThat(isCut(lifeline)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", ":1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x", "a b:1", "h/p:1"})
    void shouldNotBeCutWhenTheAddressIsNone(final String address) throws IOException {
        final LifelineConnection lifeline = lifelineTo(NODE.withLifeline(address));

        await("it has ended").atMost(WAIT).until(lifeline::hasEnded);
        assertThat(lifeline.isHeld()).isFalse();
        assertThat(isCut(lifeline)).isFalse();
    }

    @Test
    void shouldRefuseConnectionsBeyondTheBoundAndKeepTheOthers() throws IOException {
        final LifelineConnection first = held();
        final LifelineConnection second = held();

        assertThat(stranger().getInputStream().read()).isEqualTo(-1);

        assertThat(isCut(first)).isFalse();
        assertThat(isCut(second)).isFalse();
        server.close();
        await("both are cut").atMost(WAIT).until(() -> isCut(first) && isCut(second));
    }

    @Test
    void shouldEndAConnectionThatSays() throws IOException {
        final Socket stranger = stranger();
        final DataInputStream in = new DataInputStream(stranger.getInputStream());
        new DataOutputStream(stranger.getOutputStream()).writeLong(PROOF);
        assertThat(in.readLong()).isEqualTo(NODE.incarnation());

        stranger.getOutputStream().write('G');

        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void shouldTellAStrangerNothingWhoSaysSomethingElse() throws IOException {
        final Socket stranger = stranger();
        new DataOutputStream(stranger.getOutputStream()).writeLong(PROOF + 1);
        assertThat(stranger.getInputStream().read()).isEqualTo(-1);

        server.revoke(PROOF);
        final LifelineConnection ended = lifelineTo(server.endpoint());
        await("it has ended").atMost(WAIT).until(ended::hasEnded);
        assertThat(ended.isHeld()).isFalse();
    }

    @Test
    void shouldHoldRoutersWhenStrangersTakeEveryPlace() throws IOException {
        final List<Socket> strangers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            strangers.add(stranger());
        }
        final LifelineConnection first = held();
        final LifelineConnection second = held();
        for (int i = 0; i < 20; i++) {
            strangers.add(stranger());
        }
        for (final Socket stranger : strangers) {
            assertThat(stranger.getInputStream().read())
                    .as("bytes for a stranger")
                    .isEqualTo(-1);
        }
        assertThat(server.heldCount()).isEqualTo(2);
        assertThat(isCut(first)).isFalse();
        assertThat(isCut(second)).isFalse();
    }

    @Test
    void shouldServeRoutersOfTheOtherFamilyOfAddresses() throws IOException {
        assumeTrue(hasSixLoopback(), "this host has no IPv6 loopback address");
        final NodeEndpoint six = new NodeEndpoint(4, 44, "aeron:udp?endpoint=[::1]:40123", 7);
        final LifelineServer another = open(six, anyPortOf("::1"), 2);
        opened.add(another);
        another.allow(PROOF);

        final LifelineConnection lifeline = lifelineTo(six.withLifeline("[::1]:" + port(another)));

        await("the node greets").atMost(WAIT).until(lifeline::isHeld);
        another.close();
        await("it is cut").atMost(WAIT).until(() -> isCut(lifeline));
    }

    @Test
    void shouldListenOnThePortThatItIsGivenAndComeBackToItAtOnce() throws IOException {
        final int port = port();
        final LifelineConnection lifeline = held();
        server.close();
        await("it is cut").atMost(WAIT).until(() -> isCut(lifeline));

        final InetSocketAddress same = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        final LifelineServer[] again = new LifelineServer[1];
        await("the last one has let it go").atMost(WAIT).until(() -> {
            try {
                again[0] = open(NODE, same, 2);
                return true;
            } catch (final BindException notYet) {
                return false;
            }
        });
        opened.add(again[0]);

        assertThat(port(again[0])).isEqualTo(port);
    }

    @Test
    void shouldRefuseAPortOnWhichAnotherListens() {
        final InetSocketAddress taken = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port());

        assertThatThrownBy(() -> open(NODE, taken, 2)).isInstanceOf(BindException.class);

        await("the first one goes on").atMost(WAIT).until(() -> held().isHeld());
    }

    @Test
    void shouldLetItsPortGoWhenItCloses() throws IOException {
        final int port = port();

        server.close();

        await("another can have it").atMost(WAIT).until(() -> {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
                return true;
            } catch (final BindException taken) {
                return false;
            }
        });
    }

    private static boolean hasSixLoopback() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0));
            return true;
        } catch (final IOException none) {
            return false;
        }
    }
}
