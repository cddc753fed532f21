package io.cheshire.benchmarks.micro.roundtrip;

import com.typesafe.config.Config;
import io.cheshire.benchmarks.sizes.Sizes;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.IdleStrategies;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.runtime.aeron.Links;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.function.IntSupplier;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.NoOpIdleStrategy;

/** Round trips of one layer between a router and two nodes whose experts take no time. */
public final class RoundTrip {
    /** Of one layer. */
    public static final int MAX_SHARDS = NodeHost.UNITS;

    private static final int SIGNIFICANT_DIGITS = 3;

    private final long warmUpNs;
    private final long measureNs;

    /** Where the nodes are. */
    public enum Place {
        /** Router, nodes, device and media driver take turns on one thread: {@code serve} on few cores. */
        ONE_THREAD,
        /** The nodes have a JVM of their own; both use the media driver of the router's, on a thread of its own. */
        TWO_PROCESSES
    }

    /** Which way frames go. */
    public enum Channel {
        IPC,
        UDP
    }

    /**
     * @param warmUpNs  before anything is recorded
     * @param measureNs recorded time
     */
    public RoundTrip(final long warmUpNs, final long measureNs) {
        this.warmUpNs = warmUpNs;
        this.measureNs = measureNs;
    }

    /**
     * What a layer sends.
     *
     * @param shards       to the two nodes in turn, at most {@link #MAX_SHARDS}
     * @param rowsPerShard of each
     */
    public record Layer(int shards, int rowsPerShard) {
        public Layer {
            if (shards < 1 || shards > MAX_SHARDS || rowsPerShard < 1) {
                throw new IllegalArgumentException(shards + " shards of " + rowsPerShard + " rows: there must be 1 to "
                        + MAX_SHARDS + " of at least one row");
            }
        }
    }

    /** Round-trip times in ns: every row goes to both nodes. Rows are as wide as Phi-3.5-MoE's. */
    public Histogram measure(final Place place, final Channel channel, final int rowCount) throws IOException {
        return measure(place, channel, Sizes.HIDDEN, List.of(new Layer(NodeHost.NODES, rowCount)))
                .getFirst();
    }

    /**
     * Round-trip times in ns of several layers, one after another over the same links, each warmed up and measured for
     * its own time.
     *
     * @param hidden width of a row
     */
    public List<Histogram> measure(final Place place, final Channel channel, final int hidden, final List<Layer> layers)
            throws IOException {
        return switch (place) {
            case ONE_THREAD -> oneThread(channel, hidden, layers);
            case TWO_PROCESSES -> twoProcesses(channel, hidden, layers);
        };
    }

    private List<Histogram> oneThread(final Channel channel, final int hidden, final List<Layer> layers)
            throws IOException {
        final Config config = NodeHost.config("invoker", "");
        try (DataPlane dataPlane = DataPlane.launch(SettingReader.read(config, TransportConfig::from))) {
            final NodeHost host = new NodeHost(dataPlane, config, address(channel), hidden);
            final var loads = host.load();
            while (!loads.stream().allMatch(load -> load.isDone())) {
                host.doWork();
            }
            try {
                final Ends ends = new Ends(dataPlane, host.endpoints(), () -> dataPlane.doWork() + host.doWork());
                return run(ends, config, channel, hidden, layers);
            } finally {
                host.onClose();
            }
        }
    }

    private List<Histogram> twoProcesses(final Channel channel, final int hidden, final List<Layer> layers)
            throws IOException {
        final Config config = NodeHost.config("thread", "");
        try (DataPlane dataPlane = DataPlane.launch(SettingReader.read(config, TransportConfig::from));
                NodeProcess nodes = NodeProcess.start(dataPlane.directory(), address(channel), hidden)) {
            return run(new Ends(dataPlane, nodes.endpoints(), () -> 0), config, channel, hidden, layers);
        }
    }

    /**
     * What a router is between.
     *
     * @param others what shares its thread
     */
    private record Ends(DataPlane dataPlane, List<NodeEndpoint> nodes, IntSupplier others) {}

    private List<Histogram> run(
            final Ends ends, final Config config, final Channel channel, final int hidden, final List<Layer> layers)
            throws IOException {
        final TransportConfig transportConfig = SettingReader.read(config, TransportConfig::from);
        final boolean alone = transportConfig.driver().mode() == TransportConfig.DriverMode.INVOKER;
        try (ExpertTransport transport = Links.ofRouter(
                ends.dataPlane().aeron(),
                StartingIdentity.router(0, address(channel)),
                NodeHost.identity(hidden),
                transportConfig,
                null)) {
            final RoundTripRouter router = new RoundTripRouter(
                    transport,
                    ends.others(),
                    alone ? NoOpIdleStrategy.INSTANCE : IdleStrategies.of(transportConfig.idle()),
                    hidden,
                    layers.stream().mapToInt(Layer::rowsPerShard).max().orElse(1));
            router.connect(ends.nodes());
            return layers.stream().map(layer -> measured(router, layer)).toList();
        }
    }

    private Histogram measured(final RoundTripRouter router, final Layer layer) {
        final long warmNs = System.nanoTime() + warmUpNs;
        while (System.nanoTime() - warmNs < 0) {
            router.layer(layer.shards(), layer.rowsPerShard());
        }
        final Histogram histogram = new Histogram(SIGNIFICANT_DIGITS);
        final long endNs = System.nanoTime() + measureNs;
        do {
            histogram.recordValue(router.layer(layer.shards(), layer.rowsPerShard()));
        } while (System.nanoTime() - endNs < 0);
        return histogram;
    }

    private static String address(final Channel channel) throws IOException {
        return switch (channel) {
            case IPC -> "aeron:ipc";
            case UDP -> {
                try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                    yield "aeron:udp?endpoint=127.0.0.1:" + free.getLocalPort();
                }
            }
        };
    }
}
