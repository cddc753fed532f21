package io.cheshire.planner.runtime.cli;

import io.cheshire.planner.core.report.Answers;
import io.cheshire.planner.core.report.PlanAnswer;
import io.cheshire.planner.core.search.Candidate;
import io.cheshire.planner.core.search.FleetSearch;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.protocol.plan.PlanRefused;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/** Runs plans for commands. */
final class PlanRun {
    /** An objective can't be kept. */
    static final int MISSED = 1;
    /** The plan was refused: as wrong usage is. */
    static final int REFUSED = 2;

    private PlanRun() {}

    /** One fleet, the first of each list. */
    static PlanAnswer one(final CapacityPlan plan, final long seed, final CommandSpec spec, final boolean thorough) {
        final Answers answers = new Answers(plan, seed, command(spec));
        return answers.of(List.of(answers.search().judge(plan.fleet().first())), thorough);
    }

    /** All fleets, shared among the processors; the answer is the same with any number of them. */
    static PlanAnswer all(final CapacityPlan plan, final long seed, final CommandSpec spec) {
        final Answers answers = new Answers(plan, seed, command(spec));
        final List<FleetShape> fleets = FleetSearch.fleets(plan.fleet());
        final List<Candidate> judged =
                fleets.parallelStream().map(answers.search()::judge).toList();
        return answers.of(judged, true);
    }

    /** As it was typed, so that it gives the same again. */
    static String command(final CommandSpec spec) {
        return "./cheshire plan " + spec.name() + " "
                + String.join(
                        " ",
                        spec.commandLine().getParseResult().originalArgs().stream()
                                .dropWhile(each -> !each.equals(spec.name()))
                                .skip(1)
                                .toList());
    }

    /** A refused plan is explained, not thrown. */
    static int explained(final CommandSpec spec, final Callable<Integer> body) throws Exception {
        try {
            return body.call();
        } catch (final PlanRefused refused) {
            final PrintWriter err = spec.commandLine().getErr();
            err.println("cheshire plan " + spec.name() + " refuses this plan:");
            err.println(refused.getMessage());
            err.flush();
            return REFUSED;
        }
    }
}
