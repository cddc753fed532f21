package io.cheshire.expertnode.runtime;

import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.model.runtime.device.DeviceJob;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.IntHashSet;
import org.agrona.collections.Long2LongHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * No transport at all: every node is here, and a shard is one job of the device. What the engine costs without a data
 * plane is measured with it. Engine thread only; kernels run on the device's.
 */
public final class InProcessExpertTransport implements ExpertTransport {
    private static final Logger LOG = LoggerFactory.getLogger(InProcessExpertTransport.class);
    private static final long NOT_CONNECTED = Long.MIN_VALUE;

    private final ModelIdentity model;
    private final DeviceExecutor device;
    private final UnitKernels kernels;
    private final int maxBatchRows;
    private final int maxOpenShards;
    private final Arena arena = Arena.ofShared();
    private final Long2LongHashMap incarnations = new Long2LongHashMap(NOT_CONNECTED);
    private final IntHashSet unannounced = new IntHashSet();
    private final List<InProcessShard> inWork = new ArrayList<>();
    private final ArrayDeque<InProcessShard> pool = new ArrayDeque<>();

    /**
     * @param kernels       all units
     * @param maxBatchRows  the most rows of one kernel call
     * @param maxOpenShards the most shards in work; more are back-pressured
     */
    public InProcessExpertTransport(
            final ModelIdentity model,
            final DeviceExecutor device,
            final UnitKernels kernels,
            final int maxBatchRows,
            final int maxOpenShards) {
        this.model = model;
        this.device = device;
        this.kernels = kernels;
        // Chunks of a large shard stay aligned to 64 bytes whatever the hidden size.
        this.maxBatchRows = maxBatchRows < 32 ? maxBatchRows : maxBatchRows / 32 * 32;
        this.maxOpenShards = maxOpenShards;
    }

    @Override
    public void connect(final NodeEndpoint endpoint) {
        if (incarnations.put(endpoint.nodeId(), endpoint.incarnation()) != endpoint.incarnation()) {
            unannounced.add(endpoint.nodeId());
        }
    }

    @Override
    public void disconnect(final int nodeId) {
        incarnations.remove(nodeId);
        unannounced.remove(nodeId);
        for (final InProcessShard job : inWork) {
            job.abandonIfOf(nodeId);
        }
    }

    @Override
    public int creditRows(final int nodeId) {
        return incarnations.containsKey(nodeId) && !unannounced.contains(nodeId) ? Shard.MAX_ROWS : 0;
    }

    @Override
    public SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        if (creditRows(shard.nodeId) == 0) {
            return SendOutcome.NOT_CONNECTED;
        }
        if (inWork.size() >= maxOpenShards) {
            return SendOutcome.BACK_PRESSURED;
        }
        final InProcessShard job =
                pool.isEmpty() ? new InProcessShard(model, kernels, maxBatchRows, arena) : pool.pop();
        job.take(shard, laneRows);
        if (!device.submit(job)) {
            pool.push(job);
            return SendOutcome.BACK_PRESSURED;
        }
        inWork.add(job);
        shard.rowsSent = shard.rowCount;
        return SendOutcome.SENT;
    }

    @Override
    public int doWork(final long nowNs, final Listener listener) {
        int work = announce(listener);
        for (int i = 0; i < inWork.size(); i++) {
            final InProcessShard job = inWork.get(i);
            if (job.isDone()) {
                inWork.remove(i);
                i--;
                job.answer(listener);
                pool.push(job);
                work++;
            }
        }
        return work;
    }

    private int announce(final Listener listener) {
        if (unannounced.isEmpty()) {
            return 0;
        }
        final List<Integer> nodes = new ArrayList<>(unannounced);
        unannounced.clear();
        for (final int nodeId : nodes) {
            listener.onNodeReady(nodeId, incarnations.get(nodeId));
        }
        return nodes.size();
    }

    /** Frees the buffers by a last job of the device, behind those that use them. */
    @Override
    public void close() {
        incarnations.clear();
        final boolean submitted = device.submit(new DeviceJob() {
            @Override
            public boolean begin() {
                arena.close();
                return true;
            }

            @Override
            public void failed(final Throwable cause) {
                LOG.error("can't free the buffers of the in-process transport", cause);
            }
        });
        if (!submitted) {
            LOG.warn("the device's queue is full: buffers of the in-process transport stay to the end of the process");
        }
    }
}
