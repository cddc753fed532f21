package io.cheshire.router.api.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are let in. Only their digests are kept, and every one is compared in constant time, so that neither
 * prefix nor position of a match shows in the time taken. Thread-safe.
 */
final class ApiKeys {
    private static final int MAX_KEY_CHARS = 512;

    private static final class Entry {
        private final String tenant;
        private final byte[] digest;

        Entry(final String tenant, final byte[] digest) {
            this.tenant = tenant;
            this.digest = digest;
        }
    }

    private final List<Entry> entries;

    ApiKeys(final List<ApiConfig.ApiKey> keys) {
        this.entries = keys.stream()
                .map(key -> new Entry(key.tenant(), sha256(key.key())))
                .toList();
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** The tenant of an {@code Authorization} header, or null if it has no valid key. */
    @Nullable
    String tenantOf(final @Nullable String authorization) {
        if (authorization == null || authorization.length() > MAX_KEY_CHARS) {
            return null;
        }
        final String scheme = "Bearer ";
        if (!authorization.regionMatches(true, 0, scheme, 0, scheme.length())) {
            return null;
        }
        final byte[] digest = sha256(authorization.substring(scheme.length()).strip());
        String tenant = null;
        for (final Entry entry : entries) {
            if (MessageDigest.isEqual(entry.digest, digest)) {
                tenant = entry.tenant;
            }
        }
        return tenant;
    }

    /** Lines {@code tenant:key} or {@code key}; blank lines and lines that start with # are skipped. */
    static List<ApiConfig.ApiKey> readFile(final Path file) {
        final List<ApiConfig.ApiKey> keys = new ArrayList<>();
        try {
            for (final String raw : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                final String line = raw.strip();
                if (line.isEmpty() || line.startsWith("#")) {
                    continue;
                }
                final int colon = line.indexOf(':');
                keys.add(new ApiConfig.ApiKey(
                        colon > 0 ? line.substring(0, colon) : "key-" + keys.size(), line.substring(colon + 1)));
            }
        } catch (final IOException e) {
            throw new IllegalArgumentException(
                    "cheshire.router.http.api-keys-file is " + file + ", which can't be read ("
                            + e.getClass().getSimpleName()
                            + "); name a readable file with one key a line, or leave the setting empty",
                    e);
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException(
                    "no API key in " + file + "; add one a line, or leave the setting empty");
        }
        return keys;
    }

    private static byte[] sha256(final String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
