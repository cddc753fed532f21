package io.cheshire.planner.core.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.planner.core.cost.DataSheet;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.DeviceClass;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How exactly costs are known, as the command line, its JSON and the console's page show it. */
public final class AccuracyTables {
    private AccuracyTables() {}

    /** Classes of machines that a plan uses, nodes' first; one where both are alike. */
    public static List<DeviceClass> used(final CapacityPlan plan) {
        final Map<String, DeviceClass> known = new LinkedHashMap<>();
        known.put(plan.nodeClass().name(), plan.nodeClass());
        known.putIfAbsent(plan.routerClass().name(), plan.routerClass());
        return List.copyOf(known.values());
    }

    /** Classes that a form may name: those of the plan, with how they were measured, and data sheets. */
    public static ArrayNode choices(final CapacityPlan plan) {
        final List<DeviceClass> used = used(plan);
        final ArrayNode classes = json(used);
        DataSheet.ids().stream()
                .filter(id -> used.stream().noneMatch(each -> each.name().equals(id)))
                .forEach(id -> classes.addObject().put("name", id).put("assumed", true));
        return classes;
    }

    /** As JSON: shares, not percent. */
    public static ArrayNode json(final List<DeviceClass> classes) {
        final ArrayNode all = JsonNodeFactory.instance.arrayNode();
        classes.forEach(each -> all.add(json(each)));
        return all;
    }

    private static ObjectNode json(final DeviceClass machine) {
        final Calibration calibration = machine.calibration();
        final ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", machine.name()).put("assumed", calibration.origin().assumed());
        node.put("device", machine.device().name().toLowerCase(Locale.ROOT));
        node.put("machine", calibration.origin().machine());
        node.put("date", calibration.origin().date());
        node.put("commit", calibration.origin().commit());
        calibration.warnings().forEach(node.putArray("warnings")::add);
        final ArrayNode rows = node.putArray("quantities");
        for (final CostAccuracy each : CostAccuracy.of(calibration)) {
            final ObjectNode row = rows.addObject().put("name", each.name());
            row.put("error", each.error()).put("points", each.points()).put("upTo", each.upTo());
            if (each.worst() != null) {
                row.put("worst", each.worst());
            }
            if (each.correction() != null) {
                row.put("correction", each.correction());
            }
        }
        return node;
    }

    /** For terminals. */
    public static List<AnswerText.Titled> tables(final List<DeviceClass> classes) {
        return classes.stream()
                .map(each -> new AnswerText.Titled(title(each), table(each)))
                .toList();
    }

    /** Which calibration it is, in words. */
    public static String title(final DeviceClass machine) {
        final Calibration.Origin origin = machine.calibration().origin();
        return machine.name() + ": "
                + (origin.assumed()
                        ? "a data sheet, nothing was measured"
                        : origin.machine() + ", " + origin.date() + ", " + origin.commit());
    }

    private static TextTable table(final DeviceClass machine) {
        final TextTable table = new TextTable(
                "accuracy-" + machine.name(), "cost", "90 % within", "worst point", "points", "up to", "corrected by");
        final boolean assumed = machine.calibration().origin().assumed();
        final List<CostAccuracy> rows = new ArrayList<>(CostAccuracy.of(machine.calibration()));
        for (final CostAccuracy each : rows) {
            table.add(
                    each.name(),
                    "± " + Figures.percent(each.error()),
                    each.worst() == null ? "-" : Figures.percent(each.worst()),
                    assumed ? "-" : Integer.toString(each.points()),
                    assumed ? "-" : Figures.plain(each.upTo()),
                    each.correction() == null ? "-" : "x " + Figures.plain(each.correction()));
        }
        return table;
    }
}
