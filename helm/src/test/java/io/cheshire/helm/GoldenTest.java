package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the four samples render is on record, so that a change of the chart shows in review as its users will meet it.
 * {@code -Dgolden.update=true} writes the record anew. Boards are left out: they are files of their own.
 */
final class GoldenTest {
    static Iterable<String> samples() {
        return Chart.SAMPLES;
    }

    @ParameterizedTest
    @MethodSource("samples")
    void shouldRenderWhatIsOnRecord(final String name) throws IOException {
        final Path record = Chart.root().resolve("helm/src/test/resources/golden/" + name + ".yaml");
        final String rendered = Chart.render(withoutBoards(Chart.sampleValues(name)));
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(record.getParent());
            Files.writeString(record, rendered);
        }

        assertThat(rendered).as("-Dgolden.update=true writes %s anew", record).isEqualTo(Files.readString(record));
    }

    private static String withoutBoards(final String[] values) {
        return Chart.merged(values[0], values[1], "monitoring: {dashboards: false}");
    }
}
