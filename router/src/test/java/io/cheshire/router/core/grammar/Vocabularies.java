package io.cheshire.router.core.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Vocabularies for tests: bytes, and bytes with pieces of JSON, some of them twice, some hiding a space at first. */
final class Vocabularies {
    static final int END = 256;
    static final int BYTES = 257;

    private static final String[] PIECES = {
        "\": \"", "\",\"", "\", \"", "{\"", "\"}", "}}", "]]", "[[", "{}", "[]", "true", "false", "null", "tr", "ue",
        "00", "12", "1.5", "-1", "e1", "\\u00", "\\n", "\\\"", "ab", "abc", "é", "😀", " a", " b", "name", "value",
        ", ", ": ", "\"a\"", "\"b\":", "x", "xy"
    };

    private Vocabularies() {}

    static TokenVocabulary bytes() {
        return new TokenVocabulary(BYTES, (id, opens) -> new byte[] {(byte) id}, id -> id == END);
    }

    /** {@code size} ids, 256 of them bytes. */
    static TokenVocabulary pieces(final int size, final long seed) {
        final Random random = new Random(seed);
        final List<byte[]> all = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            final StringBuilder text = new StringBuilder();
            for (int i = 0; i <= random.nextInt(3); i++) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            all.add(id < END ? new byte[] {(byte) id} : text.toString().getBytes(StandardCharsets.UTF_8));
        }
        return new TokenVocabulary(
                size,
                (id, opens) -> {
                    final byte[] own = all.get(id);
                    return opens && own[0] == ' ' ? java.util.Arrays.copyOfRange(own, 1, own.length) : own;
                },
                id -> id == END);
    }
}
