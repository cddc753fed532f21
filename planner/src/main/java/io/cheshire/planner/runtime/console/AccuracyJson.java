package io.cheshire.planner.runtime.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.planner.core.cost.DataSheet;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.DeviceClass;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How exactly each cost of a class of machine is known. Pure. */
final class AccuracyJson {
    private AccuracyJson() {}

    /** Classes that a form may name: those of the plan, with how they were measured, and data sheets. */
    static ArrayNode of(final CapacityPlan plan) {
        final Map<String, DeviceClass> known = new LinkedHashMap<>();
        known.put(plan.nodeClass().name(), plan.nodeClass());
        known.put(plan.routerClass().name(), plan.routerClass());
        final ArrayNode classes = JsonNodeFactory.instance.arrayNode();
        known.values().forEach(each -> classes.add(of(each)));
        DataSheet.ids().stream()
                .filter(id -> !known.containsKey(id))
                .forEach(id -> classes.addObject().put("name", id).put("assumed", true));
        return classes;
    }

    private static ObjectNode of(final DeviceClass machine) {
        final Calibration calibration = machine.calibration();
        final ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", machine.name()).put("assumed", calibration.origin().assumed());
        node.put("machine", calibration.origin().machine());
        node.put("date", calibration.origin().date());
        node.put("commit", calibration.origin().commit());
        calibration.warnings().forEach(node.putArray("warnings")::add);
        final ArrayNode rows = node.putArray("quantities");
        for (final Quantity quantity : Quantity.values()) {
            final Fit fit = calibration.fits().get(quantity);
            if (fit != null) {
                quantity(rows.addObject(), quantity, fit, calibration);
            }
        }
        return node;
    }

    private static void quantity(
            final ObjectNode row, final Quantity quantity, final Fit fit, final Calibration calibration) {
        final List<Calibration.Point> points = calibration.evidence().points().getOrDefault(quantity, List.of());
        row.put("name", quantity.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        row.put("error", fit.relativeError());
        row.put("points", points.size());
        final double upTo = switch (fit) {
            case Fit.Table table -> table.at().getLast();
            case Fit.Plane plane -> plane.maxFirst();
        };
        row.put("upTo", upTo);
        if (!points.isEmpty()) {
            row.put(
                    "worst",
                    points.stream()
                            .mapToDouble(point -> Math.abs(point.residual()))
                            .max()
                            .orElse(0));
        }
        final Double correction = calibration.evidence().corrections().get(quantity);
        if (correction != null) {
            row.put("correction", correction);
        }
    }
}
