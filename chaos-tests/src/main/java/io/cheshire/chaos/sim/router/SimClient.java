package io.cheshire.chaos.sim.router;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.model.ReferenceModel;
import io.cheshire.chaos.sim.parameters.ClusterShape;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.TokenScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One client of a router: asks for a greedy continuation, checks every token against the reference, demands exactly one
 * end, then asks again.
 */
final class SimClient {
    private final World world;
    private final SimRouter router;
    private final RunParameters parameters;
    private final ReferenceModel reference;
    private final SplittableRandom random;
    private final String name;
    private @Nullable Call call;
    private boolean stopping;
    private long finished;

    SimClient(
            final World world,
            final SimRouter router,
            final RunParameters parameters,
            final ReferenceModel reference,
            final SplittableRandom random,
            final int number) {
        this.world = world;
        this.router = router;
        this.parameters = parameters;
        this.reference = reference;
        this.random = random;
        this.name = router.name() + " client " + number;
    }

    /** Requests that ended with all their tokens. */
    long finished() {
        return finished;
    }

    /** Whether a request is under way. */
    boolean isWaiting() {
        return call != null;
    }

    /** No further requests. */
    void stop() {
        stopping = true;
    }

    /** Asks, now or after thinking; call at the start of each life of the router. */
    void begin() {
        call = null;
        later(random.nextLong(parameters.times.thinkNs + 1));
    }

    private void later(final long delayNs) {
        router.later(delayNs, () -> {
            if (!stopping && !router.isLeaving() && call == null) {
                ask();
            }
        });
    }

    private void ask() {
        final List<Integer> prompt = new ArrayList<>();
        final int length = 1 + random.nextInt(ClusterShape.MAX_PROMPT);
        // Few different beginnings, so that prefixes are shared.
        int token = random.nextInt(3);
        for (int i = 0; i < length; i++) {
            prompt.add(token);
            token = (token * 5 + 1 + (random.nextInt(4) == 0 ? 1 : 0)) % parameters.shape.vocabulary;
        }
        final int tokens = 1 + random.nextInt(ClusterShape.MAX_OUTPUT);
        final long deadlineNs = router.clock().nanoTime() + parameters.times.deadlineNs;
        final GenerationRequest request = new GenerationRequest(
                prompt, tokens, 0, Set.of(), SamplingParams.greedy(), -1, -1, "", deadlineNs, TokenRules.NONE);
        final Call mine = new Call(prompt, tokens, deadlineNs);
        switch (router.engine().submit(request, mine)) {
            case Engine.Admission.Accepted(final Engine.Handle handle) -> {
                call = mine;
                world.tell(name, () -> "asks");
                router.wake(0);
                if (random.nextDouble() < parameters.times.cancelRate) {
                    router.later(random.nextLong(200 * World.MS), () -> cancel(mine, handle));
                }
                router.later(parameters.times.deadlineNs + 500 * World.MS, () -> demandEnd(mine));
            }
            case Engine.Admission.QueueFull(final int limit, final int retryAfter) -> later(20 * World.MS);
            case Engine.Admission.TooLong(final int asked, final int limit) ->
                world.violate("every request fits", asked + " tokens of " + limit);
            case Engine.Admission.NotServing() -> later(100 * World.MS);
        }
    }

    private void cancel(final Call mine, final Engine.Handle handle) {
        if (call == mine) {
            mine.cancelled = true;
            router.faults().count(FaultKind.CANCEL);
            handle.cancel();
            router.wake(0);
        }
    }

    private void demandEnd(final Call mine) {
        if (call == mine && router.clock().nanoTime() - mine.deadlineNs >= 0) {
            world.violate("every request ends by its deadline", name + " still waits for " + mine.describe());
        }
    }

    private void ended() {
        call = null;
        later(random.nextLong(parameters.times.thinkNs + 1));
    }

    private final class Call implements GenerationListener {
        private final List<Integer> prompt;
        private final List<Integer> expected;
        private final long deadlineNs;
        private final List<Integer> tokens = new ArrayList<>();
        private boolean cancelled;
        private boolean over;

        private Call(final List<Integer> prompt, final int tokens, final long deadlineNs) {
            this.prompt = prompt;
            this.expected = reference.continuation(prompt, tokens);
            this.deadlineNs = deadlineNs;
        }

        private String describe() {
            return prompt + " -> " + tokens + " of " + expected;
        }

        @Override
        public void onPrompt(final List<TokenScores> scores, final int cachedTokens) {
            if (over) {
                world.violate("nothing comes after the end", name + " heard of its prompt");
            }
        }

        @Override
        public void onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {
            world.mix(tokenId);
            world.tell(name, () -> "token");
            if (over || index != tokens.size()) {
                world.violate("tokens come as 0, 1, 2 ...", name + " got index " + index + " after " + tokens.size());
                return;
            }
            tokens.add(tokenId);
            if (index >= expected.size() || expected.get(index) != tokenId) {
                world.violate("tokens are those of the reference", name + " got " + describe());
            }
        }

        @Override
        public void onFinished(final FinishReason reason) {
            end(reason.name());
            switch (reason) {
                case STOP, LENGTH -> {
                    finished++;
                    if (!tokens.equals(expected)) {
                        world.violate("tokens are those of the reference", name + " finished with " + describe());
                    }
                }
                case CANCELLED -> {
                    if (!cancelled) {
                        world.violate("only who cancels is cancelled", name + " was cancelled");
                    }
                }
            }
        }

        @Override
        public void onFailed(final GenerationError error, final String message) {
            end(error.name());
            final boolean allowed = switch (error) {
                case DEADLINE, EXPERT_UNAVAILABLE -> router.clock().nanoTime() - deadlineNs >= 0;
                case NUMERIC, INTERNAL -> router.mayFailToCompute();
                case SHUTDOWN, FORMAT -> false;
            };
            if (!allowed) {
                world.violate("requests fail only for a reason", name + " failed: " + error + ": " + message);
            }
        }

        private void end(final String how) {
            if (over) {
                world.violate("every request ends once", name + " ended again: " + how);
            }
            over = true;
            world.note(name, () -> how + " " + describe());
            router.hear(how);
            ended();
        }
    }
}
