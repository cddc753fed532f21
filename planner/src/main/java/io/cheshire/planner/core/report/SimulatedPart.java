package io.cheshire.planner.core.report;

import io.cheshire.planner.core.outcome.RateSweep;
import io.cheshire.planner.core.outcome.SimulatedRun;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was simulated beside an answer in closed form.
 *
 * @param run   the fleet at the plan's rate, or null
 * @param swept one of its cells at rising rates, or null
 */
public record SimulatedPart(@Nullable SimulatedRun run, RateSweep.@Nullable Result swept) {
    /** Nothing was. */
    public static final SimulatedPart NONE = new SimulatedPart(null, null);

    /** Tables with titles, for pages and files. */
    public List<AnswerText.Titled> tables() {
        final List<AnswerText.Titled> all = new ArrayList<>();
        if (run != null) {
            all.add(new AnswerText.Titled(
                    SimulatedTables.words(run.figures()), SimulatedTables.latencies(run.figures())));
            all.add(new AnswerText.Titled("How many were at most so long", RunTables.cdf(run.pictures())));
            if (run.pictures().use() != null) {
                all.add(new AnswerText.Titled(
                        "How busy devices were", RunTables.use(run.pictures().use())));
            }
            if (!run.pictures().expertRows().isEmpty()) {
                all.add(new AnswerText.Titled(
                        "Rows of experts", RunTables.experts(run.pictures().expertRows())));
            }
        }
        if (swept != null) {
            all.add(new AnswerText.Titled(
                    "Simulated at rising rates, one cell; knee " + Figures.plain(swept.knee()) + " requests/s",
                    SimulatedTables.sweep(swept.points())));
        }
        return all;
    }
}
