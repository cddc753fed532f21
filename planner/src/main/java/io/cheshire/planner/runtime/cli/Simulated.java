package io.cheshire.planner.runtime.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.planner.core.outcome.RateSweep;
import io.cheshire.planner.core.outcome.SimulatedRun;
import io.cheshire.planner.core.report.AnswerJson;
import io.cheshire.planner.core.report.Figures;
import io.cheshire.planner.core.report.PlanAnswer;
import io.cheshire.planner.core.report.SimulatedPart;
import io.cheshire.planner.core.report.SimulatedTables;
import io.cheshire.planner.runtime.fleet.FleetSimulation;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The same fleet simulated, beside the closed form's answer. */
final class Simulated {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    /** Of the knee in closed form: where a sweep begins. */
    private static final double EASY = 0.25;

    /** How closely a fleet is looked at. */
    enum Fidelity {
        /** Worked out in closed form. */
        screen,
        /** One event a router step. */
        step,
        /** Every message, by the product's own code. */
        exact
    }

    @Option(
            names = "--fidelity",
            paramLabel = "NAME",
            defaultValue = "screen",
            description = "screen (closed form), step or exact: simulated as well (${DEFAULT-VALUE})")
    private Fidelity fidelity = Fidelity.screen;

    @Option(
            names = "--sweep",
            description = "simulate rising rates of one cell, one event a step, until it carries no more")
    private boolean sweep;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "500",
            description = "simulated at each rate (${DEFAULT-VALUE})")
    private int requests = 500;

    boolean isWanted() {
        return fidelity != Fidelity.screen || sweep;
    }

    /** Simulates the answer's fleet, and prints the answer with what came of it. */
    void show(final PlanAnswer answer, final AnswerOptions shown, final PrintWriter out) throws IOException {
        final SimLogs silence = SimLogs.silence();
        final @Nullable SimulatedRun found;
        final RateSweep.@Nullable Result swept;
        try {
            final FleetSimulation simulation =
                    new FleetSimulation(answer.plan(), answer.chosen().screen().fleet(), requests, answer.seed());
            final double rate = answer.plan().load().requestsPerSecond();
            found = switch (fidelity) {
                case screen -> null;
                case step -> simulation.steps(rate);
                case exact -> simulation.exactly(rate);
            };
            swept = sweep
                    ? simulation.sweep(EASY
                            * answer.chosen().screen().knee().mid()
                            / answer.chosen().screen().fleet().cells())
                    : null;
        } finally {
            silence.close();
        }
        final SimulatedPart simulated = new SimulatedPart(found, swept);
        if (shown.isJson()) {
            final ObjectNode root = AnswerJson.tree(answer);
            if (found != null) {
                SimulatedTables.into(root, found);
            }
            if (swept != null) {
                SimulatedTables.into(root, swept);
            }
            out.println(JSON.writeValueAsString(root));
            shown.write(answer, simulated);
        } else {
            shown.show(answer, simulated, out);
            if (found != null) {
                out.println();
                out.println(SimulatedTables.words(found.figures()));
                out.print(SimulatedTables.latencies(found.figures()).render());
            }
            if (swept != null) {
                out.println();
                out.println(
                        "Simulated at rising rates, one cell; knee " + Figures.plain(swept.knee()) + " requests/s:");
                out.print(SimulatedTables.sweep(swept.points()).render());
            }
        }
        out.flush();
    }
}
