package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.junit.jupiter.api.Test;

/** Whoever asks something of a node hears what came of it. */
class NodeCommandsTest {
    private final CompletableFuture<Void> outcome = new CompletableFuture<>();
    private final List<String> ran = new ArrayList<>();

    @Test
    void shouldRunWhatCameInOrder() {
        final NodeCommands commands = new NodeCommands(3, new ManyToOneConcurrentArrayQueue<>(4));
        commands.add(outcome, () -> ran.add("first"));
        commands.add(outcome, () -> ran.add("second"));

        assertThat(commands.run()).isEqualTo(2);
        assertThat(commands.run()).isZero();
        assertThat(ran).containsExactly("first", "second");
        assertThat(outcome).isNotDone();
    }

    @Test
    void shouldNameTheSettingWhenTooManyWait() {
        final NodeCommands commands = new NodeCommands(3, new ManyToOneConcurrentArrayQueue<>(2));
        commands.add(new CompletableFuture<>(), () -> {});
        commands.add(new CompletableFuture<>(), () -> {});
        commands.add(outcome, () -> {});

        assertThat(outcome.exceptionNow())
                .hasMessageContainingAll("node 3 has 2 commands waiting", "cheshire.expert-node.max-commands");
    }

    @Test
    void shouldFailWhatWaitsAndWhatComesOnceTheNodeHasStopped() {
        final NodeCommands commands = new NodeCommands(3, new ManyToOneConcurrentArrayQueue<>(4));
        final CompletableFuture<Void> late = new CompletableFuture<>();
        commands.add(outcome, () -> ran.add("never"));
        commands.close();
        commands.add(late, () -> ran.add("never"));

        assertThat(outcome.exceptionNow()).hasMessageContaining("node 3 was stopped");
        assertThat(late.exceptionNow()).hasMessageContaining("node 3 was stopped");
        assertThat(ran).isEmpty();
    }

    @Test
    void shouldFailWhatIsOnItsWayWhileTheNodeStops() {
        final StopsAtAnOffer queue = new StopsAtAnOffer();
        final NodeCommands commands = new NodeCommands(3, queue);
        queue.stop = commands::close;
        commands.add(outcome, () -> ran.add("never"));

        assertThat(outcome.exceptionNow()).hasMessageContaining("node 3 was stopped");
    }

    /** The node stops after the asker has seen that it goes on. */
    private static final class StopsAtAnOffer extends ManyToOneConcurrentArrayQueue<NodeCommands.Command> {
        private Runnable stop = () -> {};

        StopsAtAnOffer() {
            super(4);
        }

        @Override
        public boolean offer(final NodeCommands.Command command) {
            stop.run();
            return super.offer(command);
        }
    }
}
