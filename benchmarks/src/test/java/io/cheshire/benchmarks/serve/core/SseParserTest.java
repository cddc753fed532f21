package io.cheshire.benchmarks.serve.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SseParserTest {
    /** Every way to end a line, a byte order mark, a comment, a field without a colon, an empty data line. */
    private static final String STREAM = String.join(
            "",
            "\uFEFF: hello\r\n",
            "data: {\"text\":\"é😀\"}\r\n\r\n",
            "event: error\ndata:two\ndata:  lines\nid: 4\n\n",
            "\n\nretry\ndata\r\r",
            "data: [DONE]\n\n");

    private static final List<String> EVENTS = List.of("|{\"text\":\"é😀\"}", "error|two\n lines", "|", "|[DONE]");

    @Property(tries = 200)
    void shouldGiveTheSameEventsHoweverTheBytesAreCut(@ForAll @IntRange(min = 1, max = 40) final int piece) {
        assertThat(parse(STREAM, piece)).isEqualTo(EVENTS);
    }

    @Test
    void shouldDropAnEventThatIsNotEnded() {
        assertThat(parse("data: 1\n\ndata: 2\n", 3)).containsExactly("|1");
    }

    @Test
    void shouldRefuseAnEventWithoutEnd() {
        final SseParser parser = new SseParser((name, data) -> {});
        final byte[] megabyte = new byte[1 << 20];
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 17; i++) {
                        parser.accept(megabyte, 0, megabyte.length);
                    }
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("16777216");
    }

    private static List<String> parse(final String stream, final int piece) {
        final List<String> events = new ArrayList<>();
        final SseParser parser =
                new SseParser((name, data) -> events.add(name + "|" + new String(data, StandardCharsets.UTF_8)));
        final byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i += piece) {
            parser.accept(bytes, i, Math.min(piece, bytes.length - i));
        }
        return events;
    }
}
