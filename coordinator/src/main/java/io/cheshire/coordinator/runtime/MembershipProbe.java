package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.MembershipVerdict;
import io.cheshire.coordinator.protocol.ClusterStanding;
import io.cheshire.coordinator.protocol.MembershipMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.RootActorPath;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;

/**
 * Asks the other members in turn, and the configured seeds that are none, whether they know this process, and says so
 * when it turns out to be a stranger ({@link MembershipVerdict}); answers those who ask. One in every process of a
 * cluster, all at the same path. Pekko calls it with one message at a time.
 */
final class MembershipProbe extends AbstractMatchingBehavior<MembershipProbe.Message> {
    /** Under {@code /system} of every process. */
    static final String NAME = "acquaintance";

    /** A process that joins takes seconds; one that hasn't after so long is told what to look at, again and again. */
    private static final long JOIN_PATIENCE_NS = Duration.ofSeconds(30).toNanos();

    /** What this actor handles: what others said, and what it said to itself. */
    sealed interface Message {}

    private record Said(MembershipMessage message) implements Message {}

    private record AskTick() implements Message {}

    private final Cluster cluster;
    private final MembershipVerdict judge;
    private final LongSupplier nanoClock;
    private final Runnable whenStranger;
    private final Rules rules;
    private final long startedNs;
    private final org.apache.pekko.actor.typed.ActorRef<MembershipMessage> self;
    private int turn;
    private boolean stranger;
    /** Whether it was a member once: then it is on its way out whenever it is none. */
    private boolean wasUp;

    private long complainNs;

    /**
     * What it goes by.
     *
     * @param clusterName name of this process's cluster
     * @param seeds       addresses of the processes to join first
     * @param interval    between two questions
     * @param patience    how long all must have denied this process
     */
    record Rules(String clusterName, List<Address> seeds, Duration interval, Duration patience) {}

    private MembershipProbe(
            final ActorContext<Message> context,
            final Rules rules,
            final LongSupplier nanoClock,
            final Runnable whenStranger) {
        super(context);
        context.setLoggerName(MembershipProbe.class);
        this.cluster = Cluster.get(context.getSystem());
        this.judge = new MembershipVerdict(rules.patience().toNanos());
        this.nanoClock = nanoClock;
        this.whenStranger = whenStranger;
        this.rules = rules;
        this.startedNs = nanoClock.getAsLong();
        this.complainNs = startedNs + JOIN_PATIENCE_NS;
        // Others speak MembershipMessage; the transformation around this behavior accepts it under the same address.
        this.self = context.getSelf().unsafeUpcast();
    }

    /**
     * @param whenStranger run once, when all have denied this process for long enough
     */
    static Behavior<MembershipMessage> create(
            final Rules rules, final LongSupplier nanoClock, final Runnable whenStranger) {
        final Behavior<Message> behavior = Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(new AskTick(), rules.interval());
            return new MembershipProbe(context, rules, nanoClock, whenStranger);
        }));
        return Behaviors.transformMessages(
                MembershipMessage.class, behavior, match -> match.match(MembershipMessage.class, Said::new));
    }

    @Override
    public Behavior<Message> onMessage(final Message message) {
        switch (message) {
            case AskTick() -> tick();
            case Said(
                    MembershipMessage.DoYouKnowMe(
                            final String clusterName,
                            final String address,
                            final long uid,
                            final var replyTo)) -> {
                if (isUp() && clusterName.equals(rules.clusterName())) {
                    replyTo.tell(new MembershipMessage.Known(isMember(address, uid), ownAddress(), standing()));
                }
            }
            case Said(final MembershipMessage.Known answer) -> onAnswer(answer);
        }
        return this;
    }

    private void tick() {
        final long nowNs = nanoClock.getAsLong();
        if (isUp()) {
            askNext();
        } else if (!wasUp && nowNs - complainNs >= 0) {
            complainNs = nowNs + JOIN_PATIENCE_NS;
            getContext()
                    .getLog()
                    .warn(
                            "not taken into the cluster for {} s, by any of {} (cheshire.cluster.seeds). Do they run,"
                                    + " does the first of them list itself first, and have all the same"
                                    + " CHESHIRE_SECRET?",
                            Duration.ofNanos(nowNs - startedNs).toSeconds(),
                            rules.seeds());
        }
    }

    private boolean isUp() {
        final MemberStatus status = cluster.selfMember().status();
        final boolean up = status.equals(MemberStatus.up()) || status.equals(MemberStatus.weaklyUp());
        wasUp |= up;
        return up;
    }

    private String ownAddress() {
        return cluster.selfMember().address().toString();
    }

    /** In turn: another member each time, or a seed that ought to be one. */
    private void askNext() {
        final UniqueAddress own = cluster.selfMember().uniqueAddress();
        final List<Address> others = new ArrayList<>();
        cluster.state().getMembers().forEach(member -> {
            if (!member.uniqueAddress().equals(own)) {
                others.add(member.address());
            }
        });
        for (final Address seed : rules.seeds()) {
            if (!seed.equals(own.address()) && !others.contains(seed)) {
                others.add(seed);
            }
        }
        if (others.isEmpty()) {
            return;
        }
        final Address asked = others.get(Math.floorMod(turn++, others.size()));
        Adapter.toClassic(getContext().getSystem())
                .actorSelection(RootActorPath.apply(asked, "/").$div("system").$div(NAME))
                .tell(
                        new MembershipMessage.DoYouKnowMe(
                                rules.clusterName(), own.address().toString(), own.longUid(), self),
                        ActorRef.noSender());
    }

    private ClusterStanding standing() {
        final SortedSet<String> addresses = new TreeSet<>();
        cluster.state()
                .getMembers()
                .forEach(member -> addresses.add(member.address().toString()));
        return new ClusterStanding(addresses.size(), addresses.first());
    }

    private boolean isMember(final String address, final long uid) {
        for (final Member member : cluster.state().getMembers()) {
            if (member.address().toString().equals(address)
                    && member.uniqueAddress().longUid() == uid) {
                return true;
            }
        }
        return false;
    }

    private boolean isMember(final String address) {
        for (final Member member : cluster.state().getMembers()) {
            if (member.address().toString().equals(address)) {
                return true;
            }
        }
        return false;
    }

    private void onAnswer(final MembershipMessage.Known answer) {
        final long nowNs = nanoClock.getAsLong();
        if (!isUp() || stranger) {
            return;
        }
        if (answer.isMember() || isMember(answer.from())) {
            if (judge.onAnswer(answer.isMember(), nowNs)) {
                end("no other process of the cluster knows this one any more: the coordinator that it joined"
                        + " through was probably lost before it told the others");
            }
        } else if (judge.onRival(standing().yieldsTo(answer.standing()), nowNs)) {
            end("there are two clusters: the seed " + answer.from() + " is in one of "
                    + answer.standing().members()
                    + " processes, this process in one of " + standing().members()
                    + ", founded probably while the others were stopped or cut off");
        }
    }

    private void end(final String why) {
        stranger = true;
        getContext().getLog().warn("{}. It ends, to be started anew", why);
        whenStranger.run();
    }
}
