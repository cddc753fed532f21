package io.cheshire.coordinator.core;

import java.util.Iterator;

/**
 * Whether the {@link Reconciler} is needed after an event: only if something that it reads has changed since it last
 * had nothing to do, or the next of its deadlines has passed. Members report every second and time passes twice a
 * second, so nearly always it is not.
 *
 * <p>Why that is safe. The reconciler is a function of what it reads and of the answers of
 * {@link StateBuilder#reached}. When it changed nothing and wanted nothing done, it would do the same again while what
 * it reads is the same and every answer is the same. An answer "not yet" changes at a deadline that {@code reached}
 * took note of; an answer "yes" stays. As long as it does change something it is called at the next event again.
 *
 * <p>Two things that it reads don't count. When a member was heard of matters only as silence: deadlines tell when it
 * begins, and the first word after it is news. The loads of units only say in which order things are done, and there is
 * nothing to do.
 */
final class ReconcileTrigger {
    private ReconcileTrigger() {}

    /** Whether the reconciler might do something now. */
    static boolean isAfter(final PlacementState before, final StateBuilder now) {
        return now.nowNs - before.clock().dueNs() >= 0 || hasNews(before, now);
    }

    /** Whether something that the reconciler reads differs. */
    static boolean hasNews(final PlacementState before, final StateBuilder now) {
        return before.formed() != now.formed
                || before.seenEpoch() != now.seenEpoch
                || before.startedNs() != now.startedNs
                || before.clock().awakeNs() != now.awakeNs
                || before.clock().publishedNs() != now.publishedNs()
                || !before.clock().pace().equals(now.pace())
                || !before.placement().equals(now.placement())
                || !before.endpoints().equals(now.endpoints())
                || !before.hesitation().equals(now.hesitation())
                || !before.target().equals(now.target())
                || nodesHaveNews(before, now)
                || routersHaveNews(before, now);
    }

    private static boolean nodesHaveNews(final PlacementState before, final StateBuilder now) {
        if (before.nodes().size() != now.nodes.size()) {
            return true;
        }
        final Iterator<NodeMember> then = before.nodes().values().iterator();
        for (final NodeMember node : now.nodes.values()) {
            final NodeMember was = then.next();
            if (!node.saysTheSameAs(was)
                    || (node.heardNs() != was.heardNs()
                            && Suspicions.isSilent(now, was) != Suspicions.isSilent(now, node))) {
                return true;
            }
        }
        return false;
    }

    private static boolean routersHaveNews(final PlacementState before, final StateBuilder now) {
        if (before.routers().size() != now.routers.size()) {
            return true;
        }
        final Iterator<RouterMember> then = before.routers().values().iterator();
        for (final RouterMember router : now.routers.values()) {
            if (!router.saysTheSameAs(then.next())) {
                return true;
            }
        }
        return false;
    }
}
