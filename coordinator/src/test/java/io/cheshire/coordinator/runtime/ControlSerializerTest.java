package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.core.Held;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ClusterStanding;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.ControlMessage;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.MembershipMessage;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.coordinator.protocol.UnitTraffic;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.DisabledJavaSerializer;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ControlSerializerTest {
    private static final ExpertKey KEY = new ExpertKey(31, 15);
    private static final NodeEndpoint ENDPOINT =
            new NodeEndpoint(3, Long.MAX_VALUE, "aeron:udp?endpoint=10.0.0.3:40123", 1003, "10.0.0.3:40124");

    private ClusterSystem system;
    private Serialization serialization;

    @BeforeAll
    void start() {
        system = ClusterSystem.local(SettingReader.read(ConfigFactory.load(), ControlConfig::alone));
        serialization = SerializationExtension.get(Adapter.toClassic(system.system()));
    }

    @AfterAll
    void stop() {
        system.close();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void shouldReadBackWhatItWrote(final ControlMessage message) throws Exception {
        final byte[] bytes = serialization.serialize(message).get();
        final ControlSerializer serializer = serializer();
        final String name = Serializers.manifestFor(serializer, message);

        assertThat(serialization
                        .deserialize(bytes, serializer.identifier(), name)
                        .get())
                .isEqualTo(message);
        assertThat(name).doesNotContain("cheshire", "Command");
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain("io.cheshire");
    }

    @Test
    void shouldHaveAnExampleOfEveryMessage() {
        assertThat(messages().map(ControlSerializerTest::named).collect(Collectors.toSet()))
                .isEqualTo(Stream.of(
                                CoordinatorCommand.class,
                                OperatorRequest.class,
                                ExpertNodeCommand.class,
                                RouterCommand.class,
                                MembershipMessage.class,
                                Left.class,
                                ClusterState.class,
                                AdminReply.class)
                        .flatMap(ControlSerializerTest::kinds)
                        .filter(type -> type != CoordinatorCommand.Ask.class)
                        .collect(Collectors.toSet()));
    }

    private static Class<?> named(final ControlMessage message) {
        return message instanceof final CoordinatorCommand.Ask ask
                ? ask.request().getClass()
                : message.getClass();
    }

    private static Stream<Class<?>> kinds(final Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(ControlSerializerTest::kinds)
                : Stream.of(type);
    }

    /** What peers of another build read: neither names nor fields change once given. */
    @ParameterizedTest
    @CsvSource({
        "c.unit-loaded, nodeId incarnation unit",
        "c.unit-load-failed, nodeId incarnation key reason",
        "c.unit-unloaded, nodeId incarnation key",
        "c.unit-differs, nodeId incarnation read",
        "c.unit-probed, nodeId incarnation probeId key answerSha256 failure",
        "c.stale-command, nodeId incarnation epochSeen",
        "c.node-leaving, nodeId incarnation reason",
        "c.epoch-acknowledged, routerId incarnation epoch publisher",
        "c.unit-unavailable, routerId incarnation epoch keys",
        "c.router-leaving, routerId incarnation reason",
        "c.move-unit, key from to reason replyTo",
        "c.set-replicas, replicas reason replyTo",
        "c.rebalance, reason replyTo",
        "c.rebalance-trial, reason replyTo",
        "c.drain-node, nodeId reason replyTo",
        "c.drain-node-for, nodeId forMs reason replyTo",
        "c.undrain-node, nodeId reason replyTo",
        "c.down-node, nodeId reason replyTo"
    })
    void shouldKeepTheFieldsOfWhatItSends(final String name, final String fields) throws Exception {
        final ControlSerializer serializer = serializer();
        final ControlMessage message = messages()
                .filter(each -> Serializers.manifestFor(serializer, each).equals(name))
                .findFirst()
                .orElseThrow();
        final JsonNode onTheWire =
                new CBORMapper().readTree(serialization.serialize(message).get());

        assertThat(onTheWire.fieldNames()).toIterable().containsExactly(fields.split(" ", -1));
    }

    @Test
    void shouldRefuseARequestThatNobodyAwaits() {
        assertThatThrownBy(() -> serializer()
                        .fromBinary(new CBORMapper().writeValueAsBytes(Map.of("reason", "now")), "c.rebalance"))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("malformed");
    }

    /** A node of a build that knows no failure domains, and one whose domain nobody may name so. */
    @ParameterizedTest
    @ValueSource(strings = {"", "a rack", "räck"})
    void shouldRefuseANodeThatNamesNoFailureDomainOrAWrongOne(final String domain) throws Exception {
        final ControlSerializer serializer = serializer();
        final ControlMessage message = messages()
                .filter(CoordinatorCommand.RegisterNode.class::isInstance)
                .findFirst()
                .orElseThrow();
        final CBORMapper mapper = new CBORMapper();
        final ObjectNode wire =
                (ObjectNode) mapper.readTree(serialization.serialize(message).get());
        final ObjectNode hello = (ObjectNode) wire.get("hello");
        assertThat(hello.get("failureDomain").asText()).isEqualTo("rack-b");
        if (domain.isEmpty()) {
            hello.remove("failureDomain");
        } else {
            hello.put("failureDomain", domain);
        }

        assertThatThrownBy(() -> serializer.fromBinary(mapper.writeValueAsBytes(wire), "c.register-node"))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("malformed");
    }

    @Test
    void shouldNotSerializeByJava() throws Exception {
        assertThat(serialization.serializerFor(ArrayList.class)).isInstanceOf(DisabledJavaSerializer.class);
        assertThat(system.system().settings().config().getBoolean("pekko.actor.allow-java-serialization"))
                .isFalse();
        assertThatThrownBy(() -> serialization.serialize(new ArrayList<>()).get())
                .isInstanceOf(Exception.class);
    }

    @Test
    void shouldMakeNothingOfANameThatIsNotInItsTable() {
        for (final String name : List.of("", "java.util.ArrayList", CoordinatorCommand.UnitLoaded.class.getName())) {
            assertThatThrownBy(() -> serializer().fromBinary(new byte[10], name))
                    .isInstanceOf(NotSerializableException.class)
                    .hasMessageContaining("unknown control message");
        }
    }

    @Test
    void shouldRefuseMalformedBytes() throws Exception {
        final ControlSerializer serializer = serializer();
        final byte[] left = serializer.toBinary(new Left(true));

        assertThatThrownBy(() -> serializer.fromBinary(left, "n.load")).isInstanceOf(NotSerializableException.class);
        assertThatThrownBy(() -> serializer.fromBinary(new byte[] {(byte) 0xa0}, "c.unit-loaded"))
                .as("an empty map lacks every field")
                .isInstanceOf(NotSerializableException.class);
        assertThatThrownBy(() -> serializer.fromBinary(Arrays.copyOf(left, left.length - 1), "left"))
                .isInstanceOf(NotSerializableException.class);
        assertThatThrownBy(() -> serializer.fromBinary(new byte[ControlSerializer.MAX_MESSAGE_BYTES + 1], "left"))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("more than the limit");
    }

    private ControlSerializer serializer() throws NotSerializableException {
        return (ControlSerializer) serialization.serializerFor(Left.class);
    }

    private Stream<ControlMessage> messages() {
        final var node = TestProbe.<ExpertNodeCommand>create(system.system()).ref();
        final var router = TestProbe.<RouterCommand>create(system.system()).ref();
        final var asker = TestProbe.<ClusterState>create(system.system()).ref();
        final var admin = TestProbe.<AdminReply>create(system.system()).ref();
        final var leaver = TestProbe.<Left>create(system.system()).ref();
        final UnitLoad load = new UnitLoad(31, 15, 1L << 40, 7, 8, 9);
        final Placement placement = new Placement(9, 2, List.of(List.of(0, 3), List.of()));
        final NodeReport nodeReport =
                new NodeReport(3, 5, NodeState.SERVING, List.of(Held.unit(KEY)), List.of(load), 1L << 40, "61 C");
        final RouterReport routerReport = new RouterReport(
                1,
                6,
                NodeState.DRAINING,
                9,
                true,
                List.of(1L, 2L),
                new AnswerRows(List.of(1L << 40), List.of(0L), List.of(2L), List.of(3L)),
                new UnitTraffic(List.of(1L << 40, 0L), List.of(3L, 0L)));
        final var stranger =
                TestProbe.<MembershipMessage>create(system.system()).ref();
        return Stream.of(
                new MembershipMessage.DoYouKnowMe("cheshire", "pekko://cheshire@127.0.0.1:7", 1L << 40, stranger),
                new MembershipMessage.Known(
                        true, "pekko://cheshire@127.0.0.1:7", new ClusterStanding(3, "pekko://cheshire@127.0.0.1:5")),
                new CoordinatorCommand.RegisterNode(
                        new NodeHello(
                                "cheshire",
                                "f00d",
                                ENDPOINT,
                                1L << 40,
                                157_286_400,
                                8,
                                99,
                                List.of(Held.unit(KEY)),
                                "rack-b"),
                        node),
                new CoordinatorCommand.UnitLoaded(3, 5, Held.unit(KEY)),
                new CoordinatorCommand.UnitLoadFailed(3, 5, KEY, "hash is wrong"),
                new CoordinatorCommand.UnitUnloaded(3, 5, KEY),
                new CoordinatorCommand.UnitDiffers(3, 5, Held.unit(KEY)),
                new CoordinatorCommand.UnitProbed(3, 5, 17, KEY, Held.ROUTER, ""),
                new CoordinatorCommand.StaleCommand(3, 5, 12),
                new CoordinatorCommand.NodeReported(nodeReport, 4, node),
                new CoordinatorCommand.NodeLeaving(3, 5, "planned"),
                new CoordinatorCommand.RegisterRouter(
                        new RouterHello("cheshire", "f00d", Held.ROUTER, 1, 6, 8, 99), router),
                new CoordinatorCommand.UnitUnavailable(1, 2, 42, List.of(KEY)),
                new CoordinatorCommand.EpochAcknowledged(1, 6, 9, 99),
                new CoordinatorCommand.RouterReported(routerReport, 4, router),
                new CoordinatorCommand.RouterLeaving(1, 6, "planned"),
                new CoordinatorCommand.GetClusterState(asker),
                new CoordinatorCommand.RefreshClusterState(500, asker),
                new CoordinatorCommand.Ask(new OperatorRequest.Move(KEY, 3, 4, "hot"), admin),
                new CoordinatorCommand.Ask(new OperatorRequest.Replicas(2, "safer"), admin),
                new CoordinatorCommand.Ask(new OperatorRequest.RebalanceNow("now"), admin),
                new CoordinatorCommand.Ask(new OperatorRequest.RebalanceTrial("a look"), admin),
                new CoordinatorCommand.Ask(new OperatorRequest.Drain(3, "new disk"), admin),
                new CoordinatorCommand.Ask(new OperatorRequest.DrainFor(3, 60_000, "a trial"), admin),
                new CoordinatorCommand.Ask(new OperatorRequest.Undrain(3, "disk is in"), admin),
                new CoordinatorCommand.Ask(new OperatorRequest.Down(3, "exit status 137"), admin),
                new AdminReply(true, 9, "node 3 drains"),
                new ExpertNodeCommand.NodeAccepted(99, 9),
                new ExpertNodeCommand.NodeRefused("wrong model", false),
                new ExpertNodeCommand.RegisterNodeAgain("unknown"),
                new ExpertNodeCommand.LoadUnits(9, 99, List.of(KEY), List.of(Held.unit(KEY))),
                new ExpertNodeCommand.UnloadUnits(9, 99, List.of(KEY)),
                new ExpertNodeCommand.ProbeUnit(17, KEY, -1L),
                new ExpertNodeCommand.Steady(99, 9, "units are being loaded"),
                new ExpertNodeCommand.ReportNow(4),
                new ExpertNodeCommand.LeaveGranted(9),
                new ExpertNodeCommand.Leave("planned", leaver),
                new RouterCommand.RouterAccepted(99),
                new RouterCommand.RouterRefused("wrong model", true),
                new RouterCommand.RegisterRouterAgain("unknown"),
                new RouterCommand.PlacementPublished(placement, List.of(ENDPOINT), 99),
                new RouterCommand.ReportNow(4),
                new RouterCommand.LeaveGranted(9),
                new RouterCommand.Leave("planned", leaver),
                new Left(true),
                state(placement, load));
    }

    private static ClusterState state(final Placement placement, final UnitLoad load) {
        return new ClusterState(
                "cheshire",
                "f00d",
                "STEADY",
                9,
                16,
                false,
                List.of("node 4"),
                placement,
                List.of(KEY),
                List.of(new ClusterState.NodeView(
                        3,
                        5,
                        NodeState.SERVING,
                        false,
                        "pekko://cheshire@10.0.0.3:2551",
                        "aeron:ipc",
                        1003,
                        List.of(KEY),
                        List.of(),
                        1,
                        2,
                        3,
                        4,
                        5,
                        6,
                        List.of(load),
                        "rack-b",
                        "61 C")),
                List.of(new ClusterState.RouterView(
                        1, 6, NodeState.SERVING, "pekko://cheshire", 9, true, List.of(1L), AnswerRows.NONE)),
                List.of(new ClusterEvent(1, 1_700_000_000_000L, 9, ClusterEvent.Kind.PUBLISHED, "epoch 9")),
                new ClusterState.Health(true, "", 2, true, 0, 15, 64, 1L << 40, List.of(0.5, 1.0)),
                new ClusterState.Sameness(1, 2, 3, 4, 5),
                new ClusterState.Survival(
                        1, false, true, 7, List.of(new ClusterState.DomainView("rack-b", List.of(3), 8, 9))));
    }

    @Test
    void shouldGiveEveryNameToOneClass() {
        final Map<String, Class<?>> names = ControlSerializer.CLASS_BY_NAME;
        assertThat(names.values()).doesNotHaveDuplicates();
    }
}
