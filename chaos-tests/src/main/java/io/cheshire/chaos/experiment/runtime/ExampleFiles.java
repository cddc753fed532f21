package io.cheshire.chaos.experiment.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The experiments of {@code chaos-tests/experiments}, which the product carries. */
final class ExampleFiles {
    /** In the order in which people should meet them. */
    static final List<String> NAMES = List.of(
            "one-node-killed",
            "node-stopped",
            "two-nodes-in-turn",
            "coordinator-killed-during-moves",
            "router-killed",
            "rack-killed",
            "node-drained",
            "units-moved",
            "gpu-error",
            "gpu-hang",
            "gpu-bit-flip",
            "gpu-out-of-memory",
            "gpu-refusal");

    private static final String FOLDER = "/experiments/";

    private ExampleFiles() {}

    /** Texts by name. */
    static Map<String, String> all() {
        final Map<String, String> texts = new LinkedHashMap<>();
        NAMES.forEach(name -> texts.put(name, read(FOLDER + name + ".yaml")));
        return texts;
    }

    private static String read(final String resource) {
        try (InputStream in = ExampleFiles.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the example " + resource + " is in no jar; build the program again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (final IOException unreadable) {
            throw new UncheckedIOException("the example " + resource + " can't be read", unreadable);
        }
    }
}
