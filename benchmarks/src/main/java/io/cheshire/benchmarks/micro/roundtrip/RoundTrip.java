package io.cheshire.benchmarks.micro.roundtrip;

import com.typesafe.config.Config;
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

    /** Round-trip times in ns. */
    public Histogram measure(final Place place, final Channel channel, final int rowCount) throws IOException {
        return switch (place) {
            case ONE_THREAD -> oneThread(channel, rowCount);
            case TWO_PROCESSES -> twoProcesses(channel, rowCount);
        };
    }

    private Histogram oneThread(final Channel channel, final int rowCount) throws IOException {
        final Config config = NodeHost.config("invoker", "");
        try (DataPlane dataPlane = DataPlane.launch(SettingReader.read(config, TransportConfig::from))) {
            final NodeHost host = new NodeHost(dataPlane, config, address(channel));
            final var loads = host.load();
            while (!loads.stream().allMatch(load -> load.isDone())) {
                host.doWork();
            }
            try {
                return run(
                        dataPlane,
                        config,
                        channel,
                        rowCount,
                        host.endpoints(),
                        () -> dataPlane.doWork() + host.doWork());
            } finally {
                host.onClose();
            }
        }
    }

    private Histogram twoProcesses(final Channel channel, final int rowCount) throws IOException {
        final Config config = NodeHost.config("thread", "");
        try (DataPlane dataPlane = DataPlane.launch(SettingReader.read(config, TransportConfig::from));
                NodeProcess nodes = NodeProcess.start(dataPlane.directory(), address(channel))) {
            return run(dataPlane, config, channel, rowCount, nodes.endpoints(), () -> 0);
        }
    }

    private Histogram run(
            final DataPlane dataPlane,
            final Config config,
            final Channel channel,
            final int rowCount,
            final List<NodeEndpoint> endpoints,
            final IntSupplier others)
            throws IOException {
        final TransportConfig transportConfig = SettingReader.read(config, TransportConfig::from);
        final boolean alone = transportConfig.driver().mode() == TransportConfig.DriverMode.INVOKER;
        try (ExpertTransport transport = Links.ofRouter(
                dataPlane.aeron(),
                StartingIdentity.router(0, address(channel)),
                NodeHost.IDENTITY,
                transportConfig,
                null)) {
            final RoundTripRouter router = new RoundTripRouter(
                    transport,
                    others,
                    alone ? NoOpIdleStrategy.INSTANCE : IdleStrategies.of(transportConfig.idle()),
                    rowCount);
            router.connect(endpoints);
            final long warmNs = System.nanoTime() + warmUpNs;
            while (System.nanoTime() - warmNs < 0) {
                router.layer(rowCount);
            }
            final Histogram histogram = new Histogram(SIGNIFICANT_DIGITS);
            final long endNs = System.nanoTime() + measureNs;
            do {
                histogram.recordValue(router.layer(rowCount));
            } while (System.nanoTime() - endNs < 0);
            return histogram;
        }
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
