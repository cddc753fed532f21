package io.cheshire.planner.core.report;

import io.cheshire.planner.core.failure.Availability;
import io.cheshire.planner.core.screen.ScreenResult;
import java.util.ArrayList;
import java.util.List;

/** An answer for a terminal: verdict first, then why, then what nobody measured. */
public final class AnswerText {
    private AnswerText() {}

    /** All tables with titles, in the order in which they are shown. */
    public static List<Titled> tables(final PlanAnswer answer) {
        final List<Titled> all = new ArrayList<>();
        final ScreenResult found = answer.chosen().screen();
        if (answer.lookedAt() > 1) {
            all.add(new Titled(
                    "The best of " + answer.lookedAt() + " fleets",
                    AnswerTables.candidates("candidates", answer.plan(), answer.ranked())));
            all.add(new Titled(
                    "No other has both more tokens a node and more a user (Pareto front)",
                    AnswerTables.candidates("pareto", answer.plan(), answer.front())));
        }
        if (found.fits()) {
            all.add(new Titled("Rising rates", AnswerTables.sweep("sweep", answer.sweep())));
            if (answer.growth().size() > 1) {
                all.add(new Titled("Growth", AnswerTables.sweep("growth", answer.growth())));
            }
            all.add(new Titled("Where a token's time goes", AnswerTables.waterfall(answer)));
        }
        all.add(new Titled("Memory", AnswerTables.memory(found.memory())));
        if (!answer.tornado().isEmpty()) {
            all.add(new Titled("Which assumption moves the answer", AnswerTables.tornado(answer.tornado())));
        }
        final Availability availability = answer.chosen().availability();
        if (availability != null) {
            all.add(new Titled("Nodes away in a mean year", AnswerTables.states(availability)));
        }
        if (!answer.spares().isEmpty()) {
            all.add(new Titled("What copies and spares buy", AnswerTables.spares(answer.spares())));
        }
        if (!answer.timeline().isEmpty()) {
            all.add(new Titled("The loss of one node", AnswerTables.timeline(answer.timeline())));
        }
        return all;
    }

    /** A table under its title. */
    public record Titled(String title, TextTable table) {}

    /** The whole text. */
    public static String of(final PlanAnswer answer) {
        final StringBuilder text = new StringBuilder();
        VerdictWords.of(answer.plan(), answer.chosen())
                .forEach(sentence -> text.append(sentence).append('\n'));
        text.append("\nLoad: ")
                .append(answer.plan().load().source())
                .append("; model ")
                .append(answer.plan().model().name())
                .append("; nodes ")
                .append(answer.plan().nodeClass().name())
                .append(", routers ")
                .append(answer.plan().routerClass().name())
                .append('\n');
        for (final Titled each : tables(answer)) {
            text.append('\n')
                    .append(each.title())
                    .append(":\n")
                    .append(each.table().render());
        }
        text.append("\nNobody measured here:\n");
        answer.plan()
                .assumptions()
                .forEach(each -> text.append("  - ").append(each).append('\n'));
        return text.toString();
    }
}
