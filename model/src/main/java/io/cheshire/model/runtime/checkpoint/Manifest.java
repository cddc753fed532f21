package io.cheshire.model.runtime.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.StrictJson;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code manifest.sha256.json}: file name → SHA-256 in hexadecimal, over the files of a model directory.
 *
 * @param sha256Of lower-case digests by file name
 */
record Manifest(SortedMap<String, String> sha256Of) {
    static final String FILE_NAME = "manifest.sha256.json";
    static final int MAX_BYTES = 1 << 20;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    Manifest {
        sha256Of = Collections.unmodifiableSortedMap(new TreeMap<>(sha256Of));
    }

    /** Reads a manifest; {@code directory} is what to call its model in errors. */
    static Manifest parse(final byte[] bytes, final String directory) {
        final ObjectNode json = StrictJson.readObject(bytes, FILE_NAME);
        final SortedMap<String, String> digests = new TreeMap<>();
        final List<String> problems = new ArrayList<>();
        json.properties().forEach(entry -> {
            final String digest = entry.getValue().asText("").toLowerCase(Locale.ROOT);
            if (!entry.getValue().isTextual() || !SHA256.matcher(digest).matches()) {
                problems.add(FILE_NAME + ": " + entry.getKey() + " is " + entry.getValue()
                        + "; it must be a SHA-256 of 64 hexadecimal digits");
            }
            digests.put(entry.getKey(), digest);
        });
        if (!problems.isEmpty()) {
            throw new ModelException(directory + " cannot be served", problems);
        }
        return new Manifest(digests);
    }

    /** As it is written. */
    String toJson() {
        final ObjectNode json = JsonNodeFactory.instance.objectNode();
        sha256Of.forEach(json::put);
        return json.toPrettyString() + "\n";
    }

    /** Describes a file's problem, in words that follow its name. */
    static String differs(final @Nullable String actual, final String listed) {
        return "has SHA-256 " + actual + "; the manifest says " + listed + "; download it again";
    }
}
