package io.cheshire.planner.runtime.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.planner.core.report.AccuracyTables;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.DeviceClass;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire plan accuracy}. */
@Command(
        name = "accuracy",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "How exactly the costs are known that a plan is computed with: each one's interval, and the point"
                + " that fits worst.")
final class PlanAccuracyCommand implements Callable<Integer> {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Option(names = "--json", description = "print one JSON object and nothing else")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        return PlanRun.explained(spec, () -> {
            final CapacityPlan plan = options.planOfAnySize();
            final List<DeviceClass> used = AccuracyTables.used(plan);
            final PrintWriter out = spec.commandLine().getOut();
            if (json) {
                final ObjectNode root = JSON.createObjectNode();
                root.set("classes", AccuracyTables.json(used));
                out.println(JSON.writeValueAsString(root));
            } else {
                AccuracyTables.tables(used).forEach(each -> {
                    out.println(each.title());
                    out.print(each.table().render());
                });
                used.forEach(
                        each -> each.calibration().warnings().forEach(words -> out.println("  warning: " + words)));
                out.println("How far predictions were off stands in docs/planning-validation.md.");
            }
            out.flush();
            return 0;
        });
    }
}
