package io.cheshire.chaos.sim.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.chaos.sim.model.SimKernels;
import io.cheshire.chaos.sim.model.SimModel;
import io.cheshire.expertnode.runtime.ExpertNode;
import io.cheshire.expertnode.runtime.ExpertNodeConfig;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.RouterCredit;
import io.cheshire.transport.core.RouterLink;
import io.cheshire.transport.core.RouterLinks;
import io.cheshire.transport.core.WindowCredit;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.ResultHeader;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.sbe.DispatchDecoder;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A production node on a clock of the test's: the simulation's first seeds found that incomplete shards stayed for
 * ever.
 */
class IncompleteShardTest {
    private static final ExpertKey KEY = new ExpertKey(0, 0);
    private static final int ROW_OF_SHARD = 2;

    private final List<String> refused = new ArrayList<>();
    private final SimModel model = new SimModel(1, 2, 4, 16, Precision.FP32);
    private long nowNs;

    /** Gives the node one frame of a shard that has two. */
    private final class OneFrame implements RouterLinks, RouterLink {
        private final RouterCredit credit = new WindowCredit(8);
        private boolean asked;

        @Override
        public int doWork(final long atNs, final Listener listener) {
            if (asked) {
                final UnsafeBuffer frame = new UnsafeBuffer(ByteBuffer.allocateDirect(1024));
                final Shard shard = new Shard();
                shard.shardId = 9;
                shard.rowCount = ROW_OF_SHARD;
                new FrameWriter().dispatch(frame, 0, 1, 0, shard, 1, ROW_OF_SHARD, Dtype.F32);
                listener.onDispatch(
                        this,
                        new DispatchDecoder().wrapAndApplyHeader(frame, 0, new MessageHeaderDecoder()),
                        frame,
                        FrameLayout.ROWS_OFFSET);
                asked = false;
            }
            return 0;
        }

        @Override
        public void endStalled(final RouterLink link) {}

        @Override
        public void close() {}

        @Override
        public int routerId() {
            return 0;
        }

        @Override
        public long linkId() {
            return 1;
        }

        @Override
        public boolean isUp() {
            return true;
        }

        @Override
        public RouterCredit credit() {
            return credit;
        }

        @Override
        public int resultRowsPerFrame() {
            return 1;
        }

        @Override
        public SendOutcome sendResult(final ResultHeader header, final DirectBuffer results, final int offset) {
            return SendOutcome.SENT;
        }

        @Override
        public void sendNack(final long shardId, final int attempt, final NackReason reason) {
            refused.add(shardId + " " + reason);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -5_000_000_000L, Long.MAX_VALUE - 1_000_000L, Long.MIN_VALUE})
    void shouldGiveUpAShardWhoseFrameIsMissingWhereverTheClockCountsFrom(final long startNs) {
        nowNs = startNs;
        final TransportConfig transport = SettingReader.read(ConfigFactory.load(), TransportConfig::from);
        final OneFrame links = new OneFrame();
        final DeviceExecutor device = new DeviceExecutor("test-device", 4);
        final ExpertNode node = new ExpertNode(
                new NodeEndpoint(0, 1, "aeron:ipc", 1),
                links,
                model.config(),
                model.precision(),
                new SimKernels(model, () -> {}),
                device,
                SimKernels::weights,
                Runnable::run,
                SettingReader.read(ConfigFactory.load(), ExpertNodeConfig::from),
                transport,
                () -> nowNs);
        final CompletableFuture<?> loaded = node.load(KEY, "").toCompletableFuture();
        for (int turn = 0; turn < 1_000 && !loaded.isDone(); turn++) {
            nowNs += 1_000_000;
            node.doWork();
            device.doWork();
        }
        assertThat(loaded).isCompleted();
        links.asked = true;
        node.doWork();
        assertThat(links.credit.heldRows()).isPositive();

        nowNs += transport.partialTimeoutNs() / 2;
        node.doWork();
        assertThat(refused).isEmpty();
        nowNs += transport.partialTimeoutNs();
        node.doWork();

        assertThat(refused).containsExactly("9 BAD_FRAME");
        assertThat(links.credit.heldRows()).isZero();
    }
}
