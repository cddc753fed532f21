package io.cheshire.chaos.sim.link;

import io.cheshire.chaos.sim.world.World;
import io.cheshire.transport.core.RouterCredit;
import io.cheshire.transport.core.RouterLink;
import io.cheshire.transport.core.RouterLinks;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.ResultHeader;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.sbe.DispatchDecoder;
import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;

/** The seam between a node and its links: notes the refusals that the node asks for. It changes nothing. */
final class LedgerLinks implements RouterLinks {
    private final RouterLinks inner;
    private final OwedNacks nacks;
    private final World world;
    private final String node;
    private final Map<Long, LedgerLink> links = new HashMap<>();

    LedgerLinks(final RouterLinks inner, final OwedNacks nacks, final World world, final String node) {
        this.inner = inner;
        this.nacks = nacks;
        this.world = world;
        this.node = node;
    }

    @Override
    public int doWork(final long nowNs, final Listener listener) {
        final int work = inner.doWork(nowNs, new Tap(listener));
        if (nacks.isOverdue(nowNs)) {
            world.violate("every refusal gets into the channel while its link lives", node + " has forgotten one");
        }
        return work;
    }

    @Override
    public void endStalled(final RouterLink link) {
        inner.endStalled(link);
    }

    @Override
    public void close() {
        inner.close();
    }

    private LedgerLink known(final RouterLink link) {
        return links.computeIfAbsent(link.linkId(), unknown -> new LedgerLink(link));
    }

    private final class Tap implements Listener {
        private final Listener listener;

        private Tap(final Listener listener) {
            this.listener = listener;
        }

        @Override
        public void onDispatch(
                final RouterLink link, final DispatchDecoder frame, final DirectBuffer buffer, final int rowsOffset) {
            listener.onDispatch(known(link), frame, buffer, rowsOffset);
        }

        @Override
        public void onLinkUp(final RouterLink link) {
            listener.onLinkUp(known(link));
        }

        @Override
        public void onLinkDown(final RouterLink link, final String reason) {
            listener.onLinkDown(known(link), reason);
            links.remove(link.linkId());
            nacks.ended(link.linkId());
        }
    }

    private final class LedgerLink implements RouterLink {
        private final RouterLink link;

        private LedgerLink(final RouterLink link) {
            this.link = link;
        }

        @Override
        public int routerId() {
            return link.routerId();
        }

        @Override
        public long linkId() {
            return link.linkId();
        }

        @Override
        public boolean isUp() {
            return link.isUp();
        }

        @Override
        public RouterCredit credit() {
            return link.credit();
        }

        @Override
        public int resultRowsPerFrame() {
            return link.resultRowsPerFrame();
        }

        @Override
        public SendOutcome sendResult(final ResultHeader header, final DirectBuffer results, final int offset) {
            return link.sendResult(header, results, offset);
        }

        @Override
        public void sendNack(final long shardId, final int attempt, final NackReason reason) {
            if (link.isUp()) {
                nacks.owe(link.linkId(), shardId, attempt);
            }
            link.sendNack(shardId, attempt, reason);
        }
    }
}
