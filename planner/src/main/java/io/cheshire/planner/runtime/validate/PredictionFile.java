package io.cheshire.planner.runtime.validate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.core.report.ShortHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A prediction, written and hashed before anything is measured, so that it can't be fitted afterwards (V6). */
final class PredictionFile {
    private static final int SHOWN = 12;
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private PredictionFile() {}

    /**
     * What a file has.
     *
     * @param scenario    in words
     * @param calibration beginning of the SHA-256 of the calibration that it comes from
     * @param rate        requests a second
     * @param count       requests
     * @param hash        beginning of the file's SHA-256
     */
    record Prediction(
            String scenario, String calibration, double rate, int count, ComparedFigures figures, String hash) {}

    /** Writes it; answers the beginning of its SHA-256. */
    static String write(
            final Path file,
            final LiveScenario scenario,
            final String words,
            final String calibration,
            final ComparedFigures predicted)
            throws IOException {
        final ObjectNode content = JSON.createObjectNode();
        content.put("scenario", words);
        content.put("calibration", calibration);
        content.put("rate", scenario.rate());
        content.put("count", scenario.count());
        content.put("state", predicted.state().name());
        final ObjectNode figures = content.putObject("predicted");
        predicted.byName().forEach(figures::put);
        final byte[] bytes = (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        final Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.write(file, bytes);
        return ShortHash.of(bytes, SHOWN);
    }

    /** Reads what {@link #write} wrote. */
    static Prediction read(final Path file) throws IOException {
        final byte[] bytes = Files.readAllBytes(file);
        final JsonNode content = JSON.readTree(bytes);
        final Map<String, Double> figures = new LinkedHashMap<>();
        content.path("predicted")
                .properties()
                .forEach(
                        figure -> figures.put(figure.getKey(), figure.getValue().asDouble()));
        return new Prediction(
                content.path("scenario").asText(),
                content.path("calibration").asText(),
                content.path("rate").asDouble(),
                content.path("count").asInt(),
                new ComparedFigures(LoadState.valueOf(content.path("state").asText(LoadState.STABLE.name())), figures),
                ShortHash.of(bytes, SHOWN));
    }

    /** The beginning of a file's SHA-256. */
    static String sha256(final Path file) throws IOException {
        return ShortHash.of(Files.readAllBytes(file), SHOWN);
    }
}
