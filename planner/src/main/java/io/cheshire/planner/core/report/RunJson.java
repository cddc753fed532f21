package io.cheshire.planner.core.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.planner.core.outcome.DeviceUse;
import io.cheshire.planner.core.outcome.RunPictures;
import java.util.List;
import java.util.Locale;

/** What pictures of a simulated run are drawn from, as JSON. Shares are 0 to 1, times ms. */
final class RunJson {
    private static final double DIGITS = 1e4;

    private RunJson() {}

    /** Adds {@code cdf}, {@code use} and {@code expert_rows}, each where there is one. */
    static void into(final ObjectNode node, final RunPictures pictures) {
        final ObjectNode cdf = node.putObject("cdf");
        for (final RunPictures.Cdf each : pictures.latencies()) {
            final ArrayNode points = cdf.putArray(each.name().toLowerCase(Locale.ROOT));
            each.points().forEach(point -> points.addArray().add(point.share()).add(rounded(point.ms())));
        }
        final DeviceUse use = pictures.use();
        if (use != null) {
            final ObjectNode shown = node.putObject("use").put("bin_seconds", use.binSeconds());
            final ArrayNode devices = shown.putArray("devices");
            for (final DeviceUse.Device each : use.devices()) {
                final ArrayNode busy =
                        devices.addObject().put("name", each.name()).putArray("busy");
                each.busy().forEach(share -> busy.add(rounded(share)));
            }
        }
        if (!pictures.expertRows().isEmpty()) {
            final ArrayNode layers = node.putArray("expert_rows");
            for (final List<Long> each : pictures.expertRows()) {
                final ArrayNode rows = layers.addArray();
                each.forEach(rows::add);
            }
        }
    }

    private static double rounded(final double value) {
        return Math.round(value * DIGITS) / DIGITS;
    }
}
