package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.StrangerJudge;
import io.cheshire.coordinator.protocol.MembershipMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.RootActorPath;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;

/**
 * Asks the other members in turn whether they know this process, and says so when it turns out to be a stranger
 * ({@link StrangerJudge}); answers those who ask. One in every process of a cluster, all at the same path. Pekko calls it
 * with one message at a time.
 */
final class Acquaintance extends AbstractMatchingBehavior<Acquaintance.Message> {
    /** Under {@code /system} of every process. */
    static final String NAME = "acquaintance";

    /** What this actor handles: what others said, and what it said to itself. */
    sealed interface Message {}

    private record Said(MembershipMessage message) implements Message {}

    private record AskTick() implements Message {}

    private final Cluster cluster;
    private final StrangerJudge judge;
    private final LongSupplier nanoClock;
    private final Runnable whenStranger;
    private final org.apache.pekko.actor.typed.ActorRef<MembershipMessage> self;
    private int turn;
    private boolean stranger;

    private Acquaintance(
            final ActorContext<Message> context,
            final Duration patience,
            final LongSupplier nanoClock,
            final Runnable whenStranger) {
        super(context);
        context.setLoggerName(Acquaintance.class);
        this.cluster = Cluster.get(context.getSystem());
        this.judge = new StrangerJudge(patience.toNanos());
        this.nanoClock = nanoClock;
        this.whenStranger = whenStranger;
        // Others speak MembershipMessage; the transformation around this behavior accepts it under the same address.
        this.self = context.getSelf().unsafeUpcast();
    }

    /**
     * @param interval     between two questions
     * @param patience     how long all must have denied this process
     * @param whenStranger run once, when they have
     */
    static Behavior<MembershipMessage> create(
            final Duration interval,
            final Duration patience,
            final LongSupplier nanoClock,
            final Runnable whenStranger) {
        final Behavior<Message> behavior = Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(new AskTick(), interval);
            return new Acquaintance(context, patience, nanoClock, whenStranger);
        }));
        return Behaviors.transformMessages(
                MembershipMessage.class, behavior, match -> match.match(MembershipMessage.class, Said::new));
    }

    @Override
    public Behavior<Message> onMessage(final Message message) {
        switch (message) {
            case AskTick() -> askNext();
            case Said(MembershipMessage.DoYouKnowMe(final String address, final long uid, final var replyTo)) ->
                replyTo.tell(new MembershipMessage.Known(isMember(address, uid)));
            case Said(MembershipMessage.Known(final boolean isMember)) -> onAnswer(isMember);
        }
        return this;
    }

    private void askNext() {
        final UniqueAddress own = cluster.selfMember().uniqueAddress();
        final List<Member> others = new ArrayList<>();
        cluster.state().getMembers().forEach(member -> {
            if (!member.uniqueAddress().equals(own)) {
                others.add(member);
            }
        });
        if (others.isEmpty()) {
            return;
        }
        final Member asked = others.get(Math.floorMod(turn++, others.size()));
        Adapter.toClassic(getContext().getSystem())
                .actorSelection(
                        RootActorPath.apply(asked.address(), "/").$div("system").$div(NAME))
                .tell(
                        new MembershipMessage.DoYouKnowMe(own.address().toString(), own.longUid(), self),
                        ActorRef.noSender());
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

    private void onAnswer(final boolean isMember) {
        if (judge.onAnswer(isMember, nanoClock.getAsLong()) && !stranger) {
            stranger = true;
            getContext()
                    .getLog()
                    .warn("no other process of the cluster knows this one any more: the coordinator that it joined"
                            + " through was probably lost before it told the others. It ends, to be started anew");
            whenStranger.run();
        }
    }
}
