package io.cheshire.benchmarks.micro.roundtrip;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.benchmarks.sizes.Sizes;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.expertnode.runtime.ExpertNode;
import io.cheshire.expertnode.runtime.ExpertNodeConfig;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.runtime.aeron.Links;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.Agent;

/**
 * Two expert nodes and their device as one duty cycle: node 0 holds the even units of a layer, node 1 the odd ones.
 * Opened by the thread that runs the duty cycle, or before it starts.
 */
final class NodeHost implements Agent {
    static final int NODES = 2;
    static final int UNITS = Sizes.EXPERTS;

    private static final int JOB_LIMIT = 256;

    private final DeviceExecutor device = new DeviceExecutor("echo", JOB_LIMIT);
    private final List<ExpertNode> nodes = new ArrayList<>();

    /**
     * @param channel on which both nodes take dispatches
     * @param hidden  width of a row
     */
    NodeHost(final DataPlane dataPlane, final Config config, final String channel, final int hidden) {
        final TransportConfig transport = SettingReader.read(config, TransportConfig::from);
        for (int nodeId = 0; nodeId < NODES; nodeId++) {
            final NodeEndpoint endpoint = StartingIdentity.node(nodeId, channel);
            nodes.add(new ExpertNode(
                    endpoint,
                    Links.ofNode(dataPlane.aeron(), endpoint, identity(hidden), transport),
                    Sizes.model(hidden, Sizes.FFN),
                    Precision.BF16,
                    new EchoKernels(),
                    device,
                    NodeHost::noWeights,
                    Runnable::run,
                    SettingReader.read(config, ExpertNodeConfig::from),
                    transport));
        }
    }

    /** What both ends must be of. */
    static ModelIdentity identity(final int hidden) {
        return ModelIdentity.of(Sizes.model(hidden, Sizes.FFN), Precision.BF16, new Fingerprint(1, 2, 3, 4));
    }

    /** The configuration of either end. */
    static Config config(final String driverMode, final String directory) {
        return ConfigFactory.parseMap(
                        Map.of(TransportConfig.DRIVER_MODE, driverMode, TransportConfig.DRIVER_DIRECTORY, directory))
                .withFallback(ConfigFactory.load());
    }

    private static UnitWeights noWeights(final ExpertKey key) {
        final TensorView none = new TensorView("none", Dtype.BF16, List.of(0L), MemorySegment.NULL);
        return new UnitWeights(key, none, none, none);
    }

    /** All units are being loaded; done within a few duty cycles. */
    List<CompletableFuture<HeldUnit>> load() {
        final List<CompletableFuture<HeldUnit>> loads = new ArrayList<>();
        for (int unit = 0; unit < UNITS; unit++) {
            loads.add(nodes.get(unit % NODES).load(new ExpertKey(0, unit), "").toCompletableFuture());
        }
        return loads;
    }

    List<NodeEndpoint> endpoints() {
        return nodes.stream().map(ExpertNode::endpoint).toList();
    }

    @Override
    public int doWork() {
        int work = 0;
        for (final ExpertNode node : nodes) {
            work += node.doWork();
        }
        return work + device.doWork();
    }

    @Override
    public void onClose() {
        nodes.forEach(ExpertNode::onClose);
        while (device.doWork() > 0) {
            // the last jobs free what the nodes own
        }
    }

    @Override
    public String roleName() {
        return "nodes";
    }
}
