package io.cheshire.planner.core.report;

import io.cheshire.planner.core.failure.FailureTimeline;
import io.cheshire.planner.core.failure.SpareTable;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.core.search.Candidate;
import io.cheshire.planner.core.search.Tornado;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import java.util.List;

/**
 * Everything that an answer says; it is shown as words, tables or a page.
 *
 * @param command  that gives it again
 * @param chosen   the fleet that is spoken of
 * @param sweep    it at rising rates
 * @param growth   it at multiples of the plan's rate
 * @param tornado  which assumption moves it; empty where nobody asked
 * @param spares   what further copies and spares would buy
 * @param timeline of the loss of one node
 * @param ranked   the best of those looked at
 * @param front    those that no other beats both in tokens a node and tokens a user
 * @param lookedAt how many there were
 */
public record PlanAnswer(
        CapacityPlan plan,
        long seed,
        String command,
        Candidate chosen,
        List<ScreenResult> sweep,
        List<ScreenResult> growth,
        List<Tornado.Bar> tornado,
        List<SpareTable.Row> spares,
        List<FailureTimeline.Moment> timeline,
        List<Candidate> ranked,
        List<Candidate> front,
        int lookedAt) {
    public PlanAnswer {
        sweep = List.copyOf(sweep);
        growth = List.copyOf(growth);
        tornado = List.copyOf(tornado);
        spares = List.copyOf(spares);
        timeline = List.copyOf(timeline);
        ranked = List.copyOf(ranked);
        front = List.copyOf(front);
    }
}
