package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.Activity;
import io.cheshire.benchmarks.engine.core.Ledger;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.MemorySegment;

/** Books sending and receiving apart from the rest of the engine. Engine thread. */
final class MeasuredTransport implements ExpertTransport {
    private final ExpertTransport transport;
    private final LedgerBook book;

    MeasuredTransport(final ExpertTransport transport, final LedgerBook book) {
        this.transport = transport;
        this.book = book;
    }

    @Override
    public void connect(final NodeEndpoint endpoint) {
        transport.connect(endpoint);
    }

    @Override
    public void disconnect(final int nodeId) {
        transport.disconnect(nodeId);
    }

    @Override
    public int creditRows(final int nodeId) {
        return transport.creditRows(nodeId);
    }

    @Override
    public SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        final Ledger ledger = book.current();
        ledger.charge(Activity.ENGINE, System.nanoTime());
        final SendOutcome outcome = transport.dispatch(shard, laneRows);
        ledger.charge(Activity.DISPATCH, System.nanoTime());
        return outcome;
    }

    @Override
    public int doWork(final long nowNs, final Listener listener) {
        final Ledger ledger = book.current();
        ledger.charge(Activity.ENGINE, System.nanoTime());
        final int work = transport.doWork(nowNs, listener);
        ledger.charge(work > 0 ? Activity.RECEIVE : Activity.POLLING, System.nanoTime());
        return work;
    }

    @Override
    public void close() {
        transport.close();
    }
}
