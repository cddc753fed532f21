package io.cheshire.chaos.sim.link;

import io.cheshire.chaos.sim.world.World;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.NackDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;

/** The refusals of a node's life that its owner asked for and that haven't gone into a channel yet. */
final class OwedNacks {
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final NackDecoder nack = new NackDecoder();
    /** Longer than any live link can be without room, of the time in which the node runs. */
    private static final long LONGEST_NS = 3_000 * World.MS;

    private static final long LONGEST_TURN_NS = 20 * World.MS;

    private final Map<Long, List<Nack>> owed = new TreeMap<>();
    private long lastNs;
    private long observedNs;

    private record Nack(long shardId, int attempt, long sinceNs) {
        private boolean isFor(final long otherShardId, final int otherAttempt) {
            return shardId == otherShardId && attempt == otherAttempt;
        }
    }

    /** The node wants to refuse a shard on a link. */
    void owe(final long linkId, final long shardId, final int attempt) {
        owed.computeIfAbsent(linkId, none -> new ArrayList<>()).add(new Nack(shardId, attempt, observedNs));
    }

    /** A frame is in a channel. */
    void sent(final DirectBuffer frame, final int offset) {
        if (FrameLayout.templateId(frame, offset) == NackDecoder.TEMPLATE_ID) {
            nack.wrapAndApplyHeader(frame, offset, header);
            final List<Nack> ofLink = owed.getOrDefault(nack.linkId(), List.of());
            for (int i = 0; i < ofLink.size(); i++) {
                if (ofLink.get(i).isFor(nack.shardId(), nack.attempt())) {
                    ofLink.remove(i);
                    return;
                }
            }
        }
    }

    /** Nobody is owed anything on a link that is over. */
    void ended(final long linkId) {
        owed.remove(linkId);
    }

    /** The node turns; answers whether anything is owed for longer than can be. */
    boolean isOverdue(final long nowNs) {
        observedNs += Math.clamp(nowNs - lastNs, 0, LONGEST_TURN_NS);
        lastNs = nowNs;
        for (final List<Nack> ofLink : owed.values()) {
            if (!ofLink.isEmpty() && observedNs - ofLink.getFirst().sinceNs > LONGEST_NS) {
                return true;
            }
        }
        return false;
    }

    int count() {
        return owed.values().stream().mapToInt(List::size).sum();
    }
}
