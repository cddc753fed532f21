package io.cheshire.expertnode.runtime;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.expertnode.core.UnitHost;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListSet;

/** Holds units without weights; loads at once unless told to fail or to wait. */
final class FakeUnitHost implements UnitHost {
    static final long UNIT_BYTES = 1000;

    final Set<ExpertKey> held = new ConcurrentSkipListSet<>();
    final Set<ExpertKey> other = new ConcurrentSkipListSet<>();
    final Set<ExpertKey> broken = new ConcurrentSkipListSet<>();
    final CompletableFuture<Void> drained = new CompletableFuture<>();
    volatile CompletableFuture<Void> loadGate = CompletableFuture.completedFuture(null);
    volatile boolean drainAsked;

    private final NodeEndpoint endpoint;

    FakeUnitHost(final int nodeId, final long incarnation) {
        endpoint = new NodeEndpoint(nodeId, incarnation, "aeron:ipc", 1000 + nodeId);
    }

    @Override
    public NodeEndpoint endpoint() {
        return endpoint;
    }

    @Override
    public CompletionStage<HeldUnit> load(final ExpertKey key, final String knownSha256) {
        return loadGate.thenApply(open -> {
            if (broken.contains(key)) {
                throw new IllegalStateException("hash of " + key + " is wrong");
            }
            if (knownSha256.isEmpty() || knownSha256.equals(unit(key).sha256())) {
                held.add(key);
            }
            return unit(key);
        });
    }

    /** What every node reads; one that has other bytes of it reads something else. */
    HeldUnit unit(final ExpertKey key) {
        return new HeldUnit(
                key,
                String.format(
                        Locale.ROOT,
                        "%032x%032x",
                        key.unitIndex(1000),
                        other.contains(key) ? endpoint.nodeId() + 1 : 0));
    }

    @Override
    public CompletionStage<String> probe(final ExpertKey key, final long seed) {
        return held.contains(key)
                ? CompletableFuture.completedFuture(unit(key).sha256())
                : CompletableFuture.failedFuture(new IllegalStateException("doesn't hold " + key));
    }

    @Override
    public CompletionStage<ExpertKey> unload(final ExpertKey key) {
        held.remove(key);
        return CompletableFuture.completedFuture(key);
    }

    @Override
    public CompletionStage<Void> drain() {
        drainAsked = true;
        return drained;
    }

    @Override
    public List<UnitLoad> loads() {
        return held.stream()
                .map(key -> new UnitLoad(key.layer(), key.expert(), 3, 1, 10, 20))
                .toList();
    }

    @Override
    public long residentBytes() {
        return held.size() * UNIT_BYTES;
    }
}
