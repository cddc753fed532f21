package io.cheshire.model.protocol.calibration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.calibration.Calibration.Evidence;
import io.cheshire.model.protocol.calibration.Calibration.Point;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes what {@link CalibrationFile} reads. */
final class CalibrationWriter {
    private static final ObjectMapper WRITER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private CalibrationWriter() {}

    /** The file's bytes; the same record gives the same bytes. */
    static byte[] write(final Calibration calibration) {
        final ObjectNode root = WRITER.createObjectNode();
        root.put("formatVersion", calibration.formatVersion());
        root.set("origin", WRITER.valueToTree(calibration.origin()));
        root.put("kvBlocks", calibration.kvBlocks());
        final ObjectNode fits = root.putObject("fits");
        for (final Quantity quantity : Quantity.values()) {
            final Fit fit = calibration.fits().get(quantity);
            if (fit != null) {
                fits.set(CalibrationFields.name(quantity), node(fit));
            }
        }
        final ObjectNode spreads = root.putObject("spreads");
        for (final Spread spread : Spread.values()) {
            final Quantiles quantiles = calibration.spreads().get(spread);
            if (quantiles != null) {
                spreads.set(CalibrationFields.name(spread), WRITER.valueToTree(quantiles));
            }
        }
        root.set("warnings", WRITER.valueToTree(calibration.warnings()));
        root.set("evidence", node(calibration.evidence()));
        try {
            return (WRITER.writeValueAsString(root) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException("a tree of numbers and strings can be written", e);
        }
    }

    private static ObjectNode node(final Fit fit) {
        final ObjectNode node = WRITER.createObjectNode();
        switch (fit) {
            case Fit.Table table -> {
                node.set("at", WRITER.valueToTree(table.at()));
                node.set("ns", WRITER.valueToTree(table.pointNs()));
            }
            case Fit.Plane plane -> {
                node.put("constantNs", plane.constantNs());
                node.put("perFirstNs", plane.perFirstNs());
                node.put("perSecondNs", plane.perSecondNs());
                node.put("maxFirst", plane.maxFirst());
                node.put("maxSecond", plane.maxSecond());
            }
        }
        return node.put("relativeError", fit.relativeError());
    }

    private static ObjectNode node(final Evidence evidence) {
        final ObjectNode node = WRITER.createObjectNode();
        node.set("probeNs", WRITER.valueToTree(evidence.probeNs()));
        final ObjectNode corrections = node.putObject("corrections");
        final ObjectNode points = node.putObject("points");
        for (final Quantity quantity : Quantity.values()) {
            final Double factor = evidence.corrections().get(quantity);
            if (factor != null) {
                corrections.put(CalibrationFields.name(quantity), factor);
            }
            final List<Point> of = evidence.points().getOrDefault(quantity, List.of());
            if (!of.isEmpty()) {
                final ArrayNode list = points.putArray(CalibrationFields.name(quantity));
                of.forEach(point -> list.add(WRITER.<ObjectNode>valueToTree(point)));
            }
        }
        return node;
    }
}
