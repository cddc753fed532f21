package io.cheshire.planner.runtime.exact;

import io.cheshire.chaos.sim.SimHosts;
import io.cheshire.chaos.sim.router.SimRouter;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Sends a stream of requests to a cluster's routers: each to the one with fewest under way. */
final class ExactLoad {
    private final World world;
    private final List<SimRouter> routers;
    private final RequestStream requests;
    private final StepTimes times;
    private final CellOutcome outcome;
    private final long deadlineNs;
    private final long startNs;
    private final List<Set<ExactRequest>> underWay = new ArrayList<>();
    private final int[] lives;
    private int next;
    private int open;

    ExactLoad(
            final World world,
            final SimHosts hosts,
            final RequestStream requests,
            final StepTimes times,
            final CellOutcome outcome,
            final long deadlineNs) {
        this.world = world;
        this.routers = hosts.routers();
        this.requests = requests;
        this.times = times;
        this.outcome = outcome;
        this.deadlineNs = deadlineNs;
        this.startNs = world.nowNs();
        this.lives = new int[routers.size()];
        for (int i = 0; i < routers.size(); i++) {
            underWay.add(new LinkedHashSet<>());
            lives[i] = routers.get(i).life();
        }
    }

    /** From now on requests come. */
    void begin() {
        planNext();
    }

    /** Whether all came and ended. */
    boolean isOver() {
        return next == requests.size() && open == 0;
    }

    /** Time since the start of the load. */
    long nowNs() {
        return world.nowNs() - startNs;
    }

    private void planNext() {
        if (next < requests.size()) {
            world.after(startNs + requests.arrivalNs(next) - world.nowNs(), this::arrive);
        }
    }

    private void arrive() {
        final int request = next++;
        open++;
        world.after(times.ingestNs(requests.promptTokens(request)), () -> submit(request));
        planNext();
    }

    private void submit(final int request) {
        final int router = choose();
        if (router < 0) {
            reject(request);
            return;
        }
        final SimRouter to = routers.get(router);
        final int output = requests.outputTokens(request);
        final Set<ExactRequest> here = underWay.get(router);
        final ExactRequest[] self = new ExactRequest[1];
        final ExactRequest listener = new ExactRequest(
                request,
                requests.arrivalNs(request),
                nowNs(),
                output,
                outcome,
                new ExactRequest.Stream(this::nowNs, times.firstStreamNs(), times.streamNs()),
                () -> {
                    here.remove(self[0]);
                    open--;
                });
        self[0] = listener;
        final GenerationRequest asked = new GenerationRequest(
                Collections.nCopies(requests.promptTokens(request), 0),
                output,
                0,
                Set.of(),
                SamplingParams.greedy(),
                -1,
                -1,
                "",
                to.clock().nanoTime() + deadlineNs,
                TokenRules.NONE);
        switch (to.submit(asked, listener)) {
            case Engine.Admission.Accepted(final Engine.Handle handle) -> {
                outcome.admitted(nowNs());
                here.add(listener);
            }
            case Engine.Admission.QueueFull(final int limit, final int retryAfter) -> reject(request);
            case Engine.Admission.NotServing() -> reject(request);
            case Engine.Admission.TooLong(final int tokens, final int limit) ->
                throw new IllegalArgumentException("request " + request + " needs " + tokens + " tokens of context, "
                        + "the KV cache and the context limit allow " + limit);
        }
    }

    private void reject(final int request) {
        outcome.rejected(request, nowNs());
        open--;
    }

    /** The living router with fewest requests, one that says that it is ready before others; -1: none lives. */
    private int choose() {
        int best = -1;
        boolean bestReady = false;
        for (int i = 0; i < routers.size(); i++) {
            final SimRouter router = routers.get(i);
            if (!router.isUp()) {
                continue;
            }
            final boolean ready = routers.size() == 1 || router.isReady();
            if (best < 0
                    || (ready && !bestReady)
                    || (ready == bestReady
                            && underWay.get(i).size() < underWay.get(best).size())) {
                best = i;
                bestReady = ready;
            }
        }
        return best;
    }

    /** A router died: what it had is lost. */
    void routerDied(final int router) {
        for (final ExactRequest request : List.copyOf(underWay.get(router))) {
            request.giveUp();
        }
    }
}
