package io.cheshire.coordinator.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.MembershipMessage;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.RouterCommand;
import java.io.IOException;
import java.io.NotSerializableException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.apache.pekko.serialization.jackson.JacksonObjectMapperProvider;

/**
 * Writes control messages as CBOR under short fixed names. The table below is the whole vocabulary: a name that isn't
 * in it is refused, so a peer can't choose the class that is made of its bytes. Names stay once given. Called by
 * Pekko's threads; holds no state that changes.
 */
public final class ControlSerializer extends SerializerWithStringManifest {
    /**
     * Longest message read or written; a placement of the largest model and all reports of one member fit many times.
     */
    static final int MAX_MESSAGE_BYTES = 4 << 20;

    /**
     * Name on the wire → the message's class; a request of an operator has the name of the request, not of {@code Ask}.
     */
    static final Map<String, Class<?>> CLASS_BY_NAME = names();

    private static final Map<Class<?>, String> NAME_BY_CLASS =
            CLASS_BY_NAME.entrySet().stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));

    /** Who awaits the answer to a request. */
    private record Asker(ActorRef<AdminReply> replyTo) {}

    private final ObjectMapper mapper;
    private final int identifier;

    /** Made by Pekko. */
    public ControlSerializer(final ExtendedActorSystem system) {
        mapper =
                JacksonObjectMapperProvider.get(system).getOrCreate("cheshire-control", Optional.of(new CBORFactory()));
        identifier = system.settings()
                .config()
                .getInt("pekko.actor.serialization-identifiers.\"" + ControlSerializer.class.getName() + "\"");
    }

    private static Map<String, Class<?>> names() {
        final Map<String, Class<?>> names = new LinkedHashMap<>();
        names.put("c.register-node", CoordinatorCommand.RegisterNode.class);
        names.put("c.unit-loaded", CoordinatorCommand.UnitLoaded.class);
        names.put("c.unit-load-failed", CoordinatorCommand.UnitLoadFailed.class);
        names.put("c.unit-unloaded", CoordinatorCommand.UnitUnloaded.class);
        names.put("c.unit-differs", CoordinatorCommand.UnitDiffers.class);
        names.put("c.unit-probed", CoordinatorCommand.UnitProbed.class);
        names.put("c.stale-command", CoordinatorCommand.StaleCommand.class);
        names.put("c.node-reported", CoordinatorCommand.NodeReported.class);
        names.put("c.node-leaving", CoordinatorCommand.NodeLeaving.class);
        names.put("c.register-router", CoordinatorCommand.RegisterRouter.class);
        names.put("c.epoch-acknowledged", CoordinatorCommand.EpochAcknowledged.class);
        names.put("c.unit-unavailable", CoordinatorCommand.UnitUnavailable.class);
        names.put("c.router-reported", CoordinatorCommand.RouterReported.class);
        names.put("c.router-leaving", CoordinatorCommand.RouterLeaving.class);
        names.put("c.get-cluster-state", CoordinatorCommand.GetClusterState.class);
        names.put("c.refresh-cluster-state", CoordinatorCommand.RefreshClusterState.class);
        names.put("c.move-unit", OperatorRequest.Move.class);
        names.put("c.set-replicas", OperatorRequest.Replicas.class);
        names.put("c.rebalance", OperatorRequest.RebalanceNow.class);
        names.put("c.rebalance-trial", OperatorRequest.RebalanceTrial.class);
        names.put("c.drain-node", OperatorRequest.Drain.class);
        names.put("c.drain-node-for", OperatorRequest.DrainFor.class);
        names.put("c.undrain-node", OperatorRequest.Undrain.class);
        names.put("c.down-node", OperatorRequest.Down.class);
        names.put("n.accepted", ExpertNodeCommand.NodeAccepted.class);
        names.put("n.refused", ExpertNodeCommand.NodeRefused.class);
        names.put("n.register-again", ExpertNodeCommand.RegisterNodeAgain.class);
        names.put("n.load", ExpertNodeCommand.LoadUnits.class);
        names.put("n.unload", ExpertNodeCommand.UnloadUnits.class);
        names.put("n.probe", ExpertNodeCommand.ProbeUnit.class);
        names.put("n.steady", ExpertNodeCommand.Steady.class);
        names.put("n.report-now", ExpertNodeCommand.ReportNow.class);
        names.put("n.leave-granted", ExpertNodeCommand.LeaveGranted.class);
        names.put("n.leave", ExpertNodeCommand.Leave.class);
        names.put("r.accepted", RouterCommand.RouterAccepted.class);
        names.put("r.refused", RouterCommand.RouterRefused.class);
        names.put("r.register-again", RouterCommand.RegisterRouterAgain.class);
        names.put("r.placement", RouterCommand.PlacementPublished.class);
        names.put("r.report-now", RouterCommand.ReportNow.class);
        names.put("r.leave-granted", RouterCommand.LeaveGranted.class);
        names.put("r.leave", RouterCommand.Leave.class);
        names.put("m.do-you-know-me", MembershipMessage.DoYouKnowMe.class);
        names.put("m.known", MembershipMessage.Known.class);
        names.put("left", Left.class);
        names.put("admin-reply", AdminReply.class);
        names.put("cluster-state", ClusterState.class);
        return Map.copyOf(names);
    }

    @Override
    public int identifier() {
        return identifier;
    }

    @Override
    public String manifest(final Object message) {
        final Object named = message instanceof final CoordinatorCommand.Ask ask ? ask.request() : message;
        final String name = NAME_BY_CLASS.get(named.getClass());
        if (name == null) {
            throw new IllegalArgumentException(
                    message.getClass() + " has no name on the wire; give it one in ControlSerializer");
        }
        return name;
    }

    @Override
    public byte[] toBinary(final Object message) {
        try {
            final byte[] bytes =
                    mapper.writeValueAsBytes(message instanceof final CoordinatorCommand.Ask ask ? flat(ask) : message);
            if (bytes.length > MAX_MESSAGE_BYTES) {
                throw new IllegalArgumentException(manifest(message) + " takes " + bytes.length
                        + " bytes, more than the limit of " + MAX_MESSAGE_BYTES);
            }
            return bytes;
        } catch (final IOException e) {
            throw new IllegalArgumentException("can't write " + manifest(message), e);
        }
    }

    @Override
    public Object fromBinary(final byte[] bytes, final String name) throws NotSerializableException {
        final Class<?> type = CLASS_BY_NAME.get(name);
        if (type == null) {
            throw new NotSerializableException("unknown control message of " + bytes.length + " bytes");
        }
        if (bytes.length > MAX_MESSAGE_BYTES) {
            throw new NotSerializableException(
                    name + " of " + bytes.length + " bytes, more than the limit of " + MAX_MESSAGE_BYTES);
        }
        try {
            return OperatorRequest.class.isAssignableFrom(type)
                    ? ask(bytes, type.asSubclass(OperatorRequest.class))
                    : mapper.readValue(bytes, type);
        } catch (final IOException e) {
            final NotSerializableException malformed = new NotSerializableException("malformed " + name);
            malformed.initCause(e);
            throw malformed;
        }
    }

    /** The request's fields and who awaits the answer, side by side. */
    private ObjectNode flat(final CoordinatorCommand.Ask ask) {
        final ObjectNode fields = mapper.valueToTree(ask.request());
        return fields.setAll(mapper.<ObjectNode>valueToTree(new Asker(ask.replyTo())));
    }

    private CoordinatorCommand.Ask ask(final byte[] bytes, final Class<? extends OperatorRequest> type)
            throws IOException {
        final ObjectNode fields = mapper.readValue(bytes, ObjectNode.class);
        final ObjectNode asker = mapper.createObjectNode().set("replyTo", fields.remove("replyTo"));
        return new CoordinatorCommand.Ask(
                mapper.treeToValue(fields, type),
                mapper.treeToValue(asker, Asker.class).replyTo());
    }
}
