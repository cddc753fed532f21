package io.cheshire.planner.runtime.cli;

import io.cheshire.planner.core.failure.Availability;
import io.cheshire.planner.core.failure.SpareTable;
import io.cheshire.planner.core.report.AnswerTables;
import io.cheshire.planner.core.report.VerdictWords;
import io.cheshire.planner.core.screen.Screen;
import io.cheshire.planner.core.screen.ScreenLimits;
import io.cheshire.planner.core.search.FleetSearch;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cheshire plan availability}. */
@Command(
        name = "availability",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "What failures cost one fleet, and what copies, spares and racks would buy. Exit status 1: the"
                + " promised availability isn't kept.")
final class PlanAvailabilityCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Override
    public Integer call() throws Exception {
        return PlanRun.explained(spec, () -> {
            final CapacityPlan plan = options.plan();
            final Availability found = new FleetSearch(plan, new Screen(plan, ScreenLimits.DEFAULT, options.seed()))
                    .availability(plan.fleet().first());
            final PrintWriter out = spec.commandLine().getOut();
            VerdictWords.ofFailures(plan, found).forEach(out::println);
            out.println();
            out.print(AnswerTables.states(found).render());
            out.println();
            out.print(AnswerTables.spares(SpareTable.of(plan, plan.fleet().first()))
                    .render());
            out.println();
            plan.assumptions().forEach(each -> out.println("  - " + each));
            out.flush();
            return found.attained() >= plan.objectives().availability() ? 0 : PlanRun.MISSED;
        });
    }
}
