package io.cheshire.planner.runtime.cli;

import io.cheshire.ops.runtime.TrustedCertificates;
import io.cheshire.planner.core.watch.Look;
import io.cheshire.planner.core.watch.LookJson;
import io.cheshire.planner.core.watch.PlanWatch;
import io.cheshire.planner.core.watch.WatchText;
import io.cheshire.planner.runtime.watch.ClusterScraper;
import io.cheshire.planner.runtime.watch.PlanFigures;
import io.cheshire.planner.runtime.watch.PlanListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire plan watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Holds a running cluster against its plan, and names each assumption that no longer holds. Shows"
                + " its figures as cheshire_plan_... on a listener of its own (docs/calibration.md). Exit status with"
                + " --looks: 0 where the plan held at the last look, 1 where an assumption was broken, 3 where too"
                + " little was seen to judge.")
final class PlanWatchCommand implements Callable<Integer> {
    /** Too little was seen: that is no reason to believe that the plan holds. */
    private static final int NOT_JUDGED = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Option(
            names = "--ops",
            paramLabel = "URL",
            description = "operations address of a router; once for each router (http://127.0.0.1:9090)")
    private List<String> ops = List.of("http://127.0.0.1:9090");

    @Option(names = "--ops-key", paramLabel = "KEY", description = "key of the operations listeners, if they have one")
    private @Nullable String key;

    @Option(names = "--ops-ca", paramLabel = "FILE", description = "PEM certificates that sign the listeners'")
    private @Nullable Path authority;

    @Option(names = "--every", paramLabel = "SECONDS", defaultValue = "5", description = "between two looks (5)")
    private int everySeconds = 5;

    @Option(names = "--window", paramLabel = "SECONDS", defaultValue = "30", description = "what is judged (30)")
    private int windowSeconds = 30;

    @Option(names = "--looks", paramLabel = "N", description = "end after N looks; without: never")
    private int looks;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9464",
            description = "where /metrics is (127.0.0.1:9464)")
    private String listen = "127.0.0.1:9464";

    @Option(names = "--json", description = "print each look as a JSON object on a line of its own, and nothing else")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        return PlanRun.explained(spec, this::watch);
    }

    private int watch() throws IOException, InterruptedException {
        if (everySeconds < 1 || windowSeconds < everySeconds || looks < 0) {
            throw new picocli.CommandLine.ParameterException(
                    spec.commandLine(),
                    "--every is " + everySeconds + ", --window " + windowSeconds + ", --looks " + looks
                            + "; looks come at least a second apart, and a window has at least one");
        }
        final PrintWriter out = spec.commandLine().getOut();
        final PlanWatch watch = new PlanWatch(options.plan(), Duration.ofSeconds(windowSeconds), options.seed());
        final PlanFigures figures = new PlanFigures();
        Look last = null;
        try (ClusterScraper scraper = new ClusterScraper(
                        ops, key, authority == null ? null : TrustedCertificates.signedBy(authority));
                PlanListener listener = new PlanListener(address(), figures)) {
            if (!json) {
                out.println("figures: http://" + listen.replaceFirst(":0$", ":" + listener.port()) + "/metrics");
            }
            for (int look = 0; looks == 0 || look < looks; look++) {
                if (look > 0) {
                    Thread.sleep(Duration.ofSeconds(everySeconds));
                }
                try {
                    last = watch.look(scraper.scrape());
                    figures.show(last);
                    out.println(json ? LookJson.of(last).toString() : WatchText.of(last));
                } catch (final IOException gone) {
                    last = null;
                    figures.showNothing();
                    spec.commandLine().getErr().println("no figures: " + gone.getMessage());
                }
                out.flush();
            }
        }
        return last == null
                ? NOT_JUDGED
                : switch (last.verdict()) {
                    case TOO_SOON, TOO_FEW -> NOT_JUDGED;
                    case HOLDS -> 0;
                    case BROKEN -> PlanRun.MISSED;
                };
    }

    private InetSocketAddress address() {
        final int colon = listen.lastIndexOf(':');
        try {
            return new InetSocketAddress(listen.substring(0, colon), Integer.parseInt(listen.substring(colon + 1)));
        } catch (final IllegalArgumentException | StringIndexOutOfBoundsException wrong) {
            throw new picocli.CommandLine.ParameterException(
                    spec.commandLine(), "--listen is " + listen + "; it must be HOST:PORT", wrong);
        }
    }
}
