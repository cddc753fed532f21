package io.cheshire.router.runtime.engine;

import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.router.core.exchange.Exchange;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Placements from any thread on their way to the engine's, which takes each over if it is newer and acknowledges it
 * once no shard of an older one is open. At most {@value #OFFER_LIMIT} wait to be taken over; a further one fails.
 */
final class PlacementInbox {
    private static final int OFFER_LIMIT = 64;

    private final ModelConfig model;
    private final Exchange exchange;
    private final NodeLinks links;
    private final PlacementAcks acks;
    private final ManyToOneConcurrentArrayQueue<Offer> offers = new ManyToOneConcurrentArrayQueue<>(OFFER_LIMIT);
    private final Consumer<Offer> takeOver = this::takeOver;
    private volatile boolean closed;
    /** The engine thread's. */
    private long nowNs;

    private record Offer(Placement placement, List<NodeEndpoint> nodes, CompletableFuture<Long> done) {}

    PlacementInbox(final ModelConfig model, final Exchange exchange, final NodeLinks links) {
        this.model = model;
        this.exchange = exchange;
        this.links = links;
        this.acks = new PlacementAcks(exchange);
    }

    /**
     * From any thread.
     *
     * @return the epoch in use, once no shard of an older one is open
     */
    CompletionStage<Long> offer(final Placement placement, final List<NodeEndpoint> nodes) {
        final CompletableFuture<Long> done = new CompletableFuture<>();
        if (closed || !offers.offer(new Offer(placement, List.copyOf(nodes), done))) {
            done.completeExceptionally(new RejectedExecutionException(
                    closed ? "the engine has stopped" : OFFER_LIMIT + " commands wait for the engine already"));
        } else if (closed) { // the agent may have looked for the last time before the offer
            done.completeExceptionally(new RejectedExecutionException("the engine has stopped"));
        }
        return done;
    }

    /** Takes over what was offered; answers how many. The engine thread's, as all below. */
    int takeOver(final long now) {
        nowNs = now;
        return offers.drain(takeOver);
    }

    private void takeOver(final Offer offer) {
        final Placement placement = offer.placement;
        if (placement.epoch() <= exchange.epoch()) {
            offer.done.complete(exchange.epoch());
            return;
        }
        if (placement.nodesByUnit().size() != model.unitCount() || placement.expertsPerLayer() != model.expertCount()) {
            offer.done.completeExceptionally(new IllegalArgumentException("placement " + placement.epoch() + " has "
                    + placement.nodesByUnit().size() + " units; this model has " + model.unitCount()));
            return;
        }
        exchange.placement(placement);
        acks.add(placement.epoch(), offer.done); // before the links: whatever becomes of them, it is in use
        links.want(offer.nodes, nowNs);
    }

    /** Acknowledges what can be; answers how many. */
    int acknowledge() {
        if (acks.isEmpty()) {
            return 0;
        }
        final int completed = acks.poll();
        if (acks.isEmpty()) {
            links.closeLeaving();
        }
        return completed;
    }

    void close() {
        closed = true;
        acks.close();
        offers.drain(takeOver);
        acks.close();
    }
}
