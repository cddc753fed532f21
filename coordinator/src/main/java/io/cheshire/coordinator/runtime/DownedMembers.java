package io.cheshire.coordinator.runtime;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.event.EventStream;

/**
 * Addresses of the members that the cluster has decided to go without and hasn't removed yet, as one process has heard
 * of it. One for each actor system, found by its event stream, since Pekko gives a failure detector nothing else to
 * know its system by. Safe from any thread.
 */
final class DownedMembers {
    private static final Map<EventStream, DownedMembers> BY_SYSTEM = Collections.synchronizedMap(new WeakHashMap<>());

    private final Set<String> addresses = ConcurrentHashMap.newKeySet();

    static DownedMembers of(final EventStream system) {
        return BY_SYSTEM.computeIfAbsent(system, _ -> new DownedMembers());
    }

    /** @param address as Pekko writes it, {@code pekko://system@host:port} */
    boolean contains(final String address) {
        return addresses.contains(address);
    }

    void downed(final String address) {
        addresses.add(address);
    }

    /** Whoever has the address from now on is another member. */
    void removed(final String address) {
        addresses.remove(address);
    }

    /** Keeps this set up to date; one actor in every process of a cluster. */
    Behavior<ClusterEvent.MemberEvent> watch() {
        return Behaviors.setup(context -> {
            Cluster.get(context.getSystem())
                    .subscriptions()
                    .tell(Subscribe.create(context.getSelf(), ClusterEvent.MemberEvent.class));
            return Behaviors.receive(ClusterEvent.MemberEvent.class)
                    .onMessage(ClusterEvent.MemberDowned.class, event -> {
                        downed(event.member().address().toString());
                        return Behaviors.same();
                    })
                    .onMessage(ClusterEvent.MemberRemoved.class, event -> {
                        removed(event.member().address().toString());
                        return Behaviors.same();
                    })
                    .onAnyMessage(_ -> Behaviors.same())
                    .build();
        });
    }
}
