package io.cheshire.http.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class Utf8AssemblerTest {
    /** Oracle: the JDK's decoder over all bytes at once. */
    @Property
    void shouldDecodeAnyBytesAsUnicodeRecommendsHoweverTheyArrive(@ForAll("pieces") final List<byte[]> pieces) {
        final Utf8Assembler assembler = new Utf8Assembler();
        final StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> assembler.push(piece, text));
        assembler.finish(text);

        assertThat(text.toString()).isEqualTo(Utf8.decoded(joined(pieces)));
    }

    @Property
    void shouldCallWholeWhatStaysTheSameWhenDecodedAndEncoded(@ForAll("pieces") final List<byte[]> pieces) {
        final byte[] bytes = joined(pieces);
        final byte[] again = new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);

        assertThat(Utf8Assembler.isWhole(bytes)).isEqualTo(Arrays.equals(bytes, again));
    }

    @Test
    void shouldTellWhoseTheReplacementIs() {
        final Utf8Assembler assembler = new Utf8Assembler();
        final StringBuilder text = new StringBuilder();
        assertThat(assembler.push(bytes(0xF0, 0x9F), text)).isFalse();
        assertThat(assembler.openBytes()).isEqualTo(2);
        assertThat(assembler.push(bytes('a'), text)).as("of the bytes before").isTrue();
        assertThat(assembler.push(bytes(0xFF), text)).as("its own").isFalse();
        assertThat(text.toString()).isEqualTo("\uFFFDa\uFFFD");
    }

    @Provide
    Arbitrary<List<byte[]>> pieces() {
        final Arbitrary<byte[]> emoji = Arbitraries.of("\uD83D\uDE01", "é", "你", "a", "\uFFFD", "\u0000")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
        final Arbitrary<byte[]> oneByte = Arbitraries.integers().between(0, 255).map(Utf8AssemblerTest::bytes);
        final Arbitrary<byte[]> odd = Arbitraries.of(0xED, 0xA0, 0x80, 0xBD, 0xE0, 0xF4, 0x90, 0xC0, 0xF5)
                .map(Utf8AssemblerTest::bytes);
        final Arbitrary<byte[]> beginning = emoji.map(all -> Arrays.copyOf(all, Math.max(1, all.length - 1)));
        final Arbitrary<byte[]> end = emoji.map(all -> Arrays.copyOfRange(all, all.length / 2, all.length));
        return Arbitraries.oneOf(emoji, oneByte, odd, beginning, end).list().ofMaxSize(8);
    }

    private static byte[] bytes(final int... values) {
        final byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] joined(final List<byte[]> pieces) {
        return pieces.stream().reduce(new byte[0], (a, b) -> {
            final byte[] both = Arrays.copyOf(a, a.length + b.length);
            System.arraycopy(b, 0, both, a.length, b.length);
            return both;
        });
    }
}
