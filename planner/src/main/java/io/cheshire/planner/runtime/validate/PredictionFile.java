package io.cheshire.planner.runtime.validate;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** A prediction, written and hashed before anything is measured, so that it can't be fitted afterwards (V6). */
final class PredictionFile {
    private static final int SHOWN = 12;

    private PredictionFile() {}

    /** Writes it; answers the beginning of its SHA-256. */
    static String write(final Path file, final String scenario, final ComparedFigures predicted) throws IOException {
        final Map<String, Object> content = new LinkedHashMap<>();
        content.put("scenario", scenario);
        content.put("predicted", predicted.byName());
        final byte[] bytes = (JsonMapper.builder()
                                .build()
                                .writerWithDefaultPrettyPrinter()
                                .writeValueAsString(content)
                        + "\n")
                .getBytes(StandardCharsets.UTF_8);
        final Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.write(file, bytes);
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .substring(0, SHOWN);
        } catch (final NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
