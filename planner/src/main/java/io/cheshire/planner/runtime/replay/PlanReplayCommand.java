package io.cheshire.planner.runtime.replay;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.planner.core.routing.RowRouting;
import io.cheshire.planner.core.routing.ShareRouting;
import io.cheshire.planner.core.validation.PairedError;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.run.CellPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire plan replay}: the requests of a measured run, simulated, and both beside each other. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Simulates the requests of a measured run and shows measured and predicted pair by pair.")
public final class PlanReplayCommand implements Callable<Integer> {
    /** As wrong usage is. */
    private static final int REFUSED = 2;

    /** How closely it is simulated. */
    private enum Fidelity {
        step,
        exact
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--trace",
            required = true,
            paramLabel = "FILE",
            description = "requests and what was measured of them: of bench serve --request-file")
    private Path trace = Path.of("");

    @Option(
            names = "--calibration",
            required = true,
            paramLabel = "FILE",
            description = "of the nodes' machine, and of the routers' unless they have another")
    private Path calibration = Path.of("");

    @Option(names = "--router-calibration", paramLabel = "FILE", description = "of the routers' machine")
    private @Nullable Path routerCalibration;

    @Option(names = "--nodes", defaultValue = "16", description = "expert nodes (${DEFAULT-VALUE})")
    private int nodes;

    @Option(names = "--replicas", defaultValue = "1", description = "copies of each unit (${DEFAULT-VALUE})")
    private int replicas;

    @Option(names = "--routers", defaultValue = "1", description = "routers (${DEFAULT-VALUE})")
    private int routers;

    @Option(names = "--lanes", defaultValue = "2", description = "lanes of each router (${DEFAULT-VALUE})")
    private int lanes;

    @Option(
            names = "--cores",
            defaultValue = "0",
            description = "cores of the one host that all processes share; 0: each has its own (${DEFAULT-VALUE})")
    private int cores;

    @Option(
            names = "--kv-blocks",
            defaultValue = "0",
            description = "KV blocks of a router; 0: as the calibration has read them")
    private int kvBlocks;

    @Option(
            names = "--zipf",
            defaultValue = "0",
            description = "how unevenly experts are chosen, an assumption; 0: evenly (${DEFAULT-VALUE})")
    private double zipf;

    @Option(
            names = "--fidelity",
            defaultValue = "exact",
            description = "step or exact: how closely it is simulated (${DEFAULT-VALUE})")
    private Fidelity fidelity = Fidelity.exact;

    @Option(names = "--seed", defaultValue = "1", description = "same seed, same bytes (${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--json", description = "print one JSON object and nothing else")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        final SimLogs silence = SimLogs.silence();
        try {
            final ReplayReport report = replay();
            final PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(JsonMapper.builder()
                        .build()
                        .writerWithDefaultPrettyPrinter()
                        .writeValueAsString(report));
            } else {
                print(report, out);
            }
            out.flush();
            return 0;
        } catch (final PlanRefused | IllegalArgumentException refused) {
            final PrintWriter err = spec.commandLine().getErr();
            err.println("cheshire plan replay refuses this: " + refused.getMessage());
            err.flush();
            return REFUSED;
        } finally {
            silence.close();
        }
    }

    private ReplayReport replay() throws IOException {
        final Calibration node = CalibrationStore.read(calibration);
        final Calibration router = routerCalibration == null ? node : CalibrationStore.read(routerCalibration);
        final long blocks = kvBlocks > 0 ? kvBlocks : router.kvBlocks();
        if (blocks < 1 || blocks > Integer.MAX_VALUE) {
            throw new PlanRefused(List.of("the calibration has read no KV blocks: say them with --kv-blocks"));
        }
        final CellPlan plan = new CellPlan(
                new CellPlan.Size(nodes, replicas, routers, 0),
                CellPlan.RouterLimits.of(lanes, (int) blocks),
                CellPlan.Hosts.of(cores),
                CellPlan.Link.asMeasured(),
                CellPlan.Recovery.usual());
        final RowRouting routing = ShareRouting.zipf(
                node.origin().shape().layerCount(), node.origin().shape().expertCount(), zipf);
        return new Replay(plan, router, node, routing, fidelity == Fidelity.exact)
                .against(MeasuredRequests.read(trace), seed);
    }

    private static void print(final ReplayReport report, final PrintWriter out) {
        out.printf("%d requests, fidelity %s, seed %d%n", report.requests(), report.fidelity(), report.seed());
        out.printf("%-18s %12s %12s %25s %9s%n", "", "measured", "predicted", "interval", "error");
        for (final ReplayReport.Figure figure : report.figures()) {
            out.printf(
                    Locale.ROOT,
                    "%-18s %12.3f %12.3f %12.3f%13.3f %+8.1f %%%n",
                    figure.name(),
                    figure.measured(),
                    figure.predicted(),
                    figure.low(),
                    figure.high(),
                    100 * figure.error());
        }
        for (final ReplayReport.Pair pair : report.pairs()) {
            final PairedError error = pair.error();
            out.printf(
                    Locale.ROOT,
                    "%s, request by request: %d pairs, mean error %+.1f %%, MAPE %.1f %%, r %.3f,"
                            + " %.0f %% in their interval%n",
                    pair.name(),
                    error.pairs(),
                    100 * error.signed(),
                    100 * error.mape(),
                    error.correlation(),
                    100 * error.coverage());
        }
        report.assumptions().forEach(each -> out.println("assumed: " + each));
    }
}
