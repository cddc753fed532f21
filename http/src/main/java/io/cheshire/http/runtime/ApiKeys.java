package io.cheshire.http.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are let in. Only their digests are kept, and every one is compared in constant time, so that neither
 * prefix nor position of a match shows in the time taken. Thread-safe.
 */
final class ApiKeys {
    private static final String SCHEME = "Bearer ";
    private static final int MAX_HEADER_CHARS = 512;
    private static final int MAX_TENANT_CHARS = 64;
    /** Beginnings of keys that people have: before a colon they are more likely that than a tenant's name. */
    private static final Set<String> KEY_PREFIXES = Set.of("sk", "pk", "rk", "api", "key", "token", "bearer");

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
        for (int i = 0; i < keys.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (MessageDigest.isEqual(entries.get(i).digest, entries.get(j).digest)) {
                    throw new IllegalArgumentException("tenants " + keys.get(j).tenant() + " and "
                            + keys.get(i).tenant() + " have the same API key; give each its own");
                }
            }
        }
    }

    /**
     * Refuses a key that is none.
     *
     * @throws IllegalArgumentException naming the tenant, never the key
     */
    static void check(final String tenant, final String key) {
        if (!tenant.matches("[A-Za-z0-9._@-]{1," + MAX_TENANT_CHARS + "}")) {
            throw new IllegalArgumentException("an API key's tenant is '" + tenant + "'; it must be 1 to "
                    + MAX_TENANT_CHARS + " of A-Z, a-z, 0-9, '.', '_', '@', '-'");
        }
        if (key.isEmpty()) {
            throw new IllegalArgumentException("the API key of tenant " + tenant
                    + " is empty, so everybody would be let in as " + tenant + "; give it a key or remove it");
        }
        if (!key.matches("[!-~]+") || key.length() > MAX_HEADER_CHARS - SCHEME.length()) {
            throw new IllegalArgumentException(
                    "the API key of tenant " + tenant + " can't be sent in a header: it must be" + " 1 to "
                            + (MAX_HEADER_CHARS - SCHEME.length()) + " visible ASCII characters without spaces");
        }
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** The tenant of an {@code Authorization} header, or null if it has no valid key. */
    @Nullable
    String tenantOf(final @Nullable String authorization) {
        if (authorization == null || authorization.length() > MAX_HEADER_CHARS) {
            return null;
        }
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        final String key = authorization.substring(SCHEME.length()).strip();
        if (key.isEmpty()) {
            return null;
        }
        final byte[] digest = sha256(key);
        String tenant = null;
        for (final Entry entry : entries) {
            if (MessageDigest.isEqual(entry.digest, digest)) {
                tenant = entry.tenant;
            }
        }
        return tenant;
    }

    /**
     * Lines {@code tenant:key} or {@code key}; blank lines and lines that start with # are skipped. The first colon
     * ends the tenant, so a key without a tenant can't hold one; where that may not be what was meant the line is
     * refused.
     */
    static List<ApiConfig.ApiKey> readFile(final Path file) {
        final List<ApiConfig.ApiKey> keys = new ArrayList<>();
        try {
            int number = 0;
            for (final String raw : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                number++;
                final String line = raw.strip();
                if (!line.isEmpty() && !line.startsWith("#")) {
                    keys.add(keyOf(line, "key-" + keys.size(), "line " + number + " of " + file));
                }
            }
        } catch (final IOException e) {
            throw new IllegalArgumentException(
                    ApiConfig.KEYS_FILE + " = " + file + ": can't be read ("
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

    private static ApiConfig.ApiKey keyOf(final String line, final String nameless, final String where) {
        final int colon = line.indexOf(':');
        final String tenant = colon < 0 ? nameless : line.substring(0, colon).strip();
        if (colon >= 0 && KEY_PREFIXES.contains(tenant.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(where + ": is '" + tenant
                    + ":' the beginning of a key, or a tenant's name? A colon ends the tenant's name; write"
                    + " TENANT:KEY, with another name for the tenant");
        }
        try {
            return new ApiConfig.ApiKey(tenant, line.substring(colon + 1).strip());
        } catch (final IllegalArgumentException unusable) {
            throw new IllegalArgumentException(where + ": " + unusable.getMessage(), unusable);
        }
    }

    private static byte[] sha256(final String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
