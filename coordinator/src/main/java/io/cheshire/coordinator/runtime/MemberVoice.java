package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.Severity;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.NodeState;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.slf4j.event.Level;

/**
 * What the actors of nodes and routers say to their own process: where the life goes, lines for the log, and the end to
 * those who asked for it. Used by the actor alone.
 */
public final class MemberVoice {
    private final ActorContext<?> context;
    private final String member;
    private final MemberListener listener;
    private final List<ActorRef<Left>> awaitingEnd = new ArrayList<>();

    /** @param member who speaks, such as {@code node 3} */
    public MemberVoice(final ActorContext<?> context, final String member, final MemberListener listener) {
        this.context = context;
        this.member = member;
        this.listener = listener;
    }

    /** The member went from one state to another. */
    public void transition(final NodeState from, final NodeState to, final String reason) {
        context.getLog().info("{}: {} -> {}: {}", member, from, to, reason);
        listener.onTransition(from, to, reason);
    }

    /** A line about the member, which the text follows. */
    public void log(final Severity severity, final String text) {
        context.getLog().atLevel(Level.valueOf(severity.name())).log("{} {}", member, text);
    }

    /** Somebody asked the member to leave, and is told once it has. */
    public void tellTheEnd(final ActorRef<Left> asker) {
        awaitingEnd.add(asker);
    }

    /** The life is over. */
    public void ended(final boolean inOrder) {
        awaitingEnd.forEach(asker -> asker.tell(new Left(inOrder)));
    }
}
