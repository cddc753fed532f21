package io.cheshire.model.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinyGoldenTest {
    @Test
    void shouldHoldTheFirstValuesOfTheFixture(@TempDir final Path directory) {
        try (Checkpoint checkpoint = Checkpoint.open(TinyGolden.write(directory))) {
            final Map<String, TensorView> tensors =
                    checkpoint.tensors().stream().collect(Collectors.toMap(TensorView::name, Function.identity()));
            final JsonNode firstValues = GoldenModel.golden().get("first_values");
            assertThat(firstValues.size()).isPositive();
            firstValues.properties().forEach(entry -> {
                for (int i = 0; i < entry.getValue().size(); i++) {
                    assertThat(tensors.get(entry.getKey()).data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i))
                            .as("%s[%d]", entry.getKey(), i)
                            .isEqualTo(entry.getValue().get(i).floatValue());
                }
            });
        }
    }

    @Test
    void shouldGiveBackTheConfigThatWasWritten(@TempDir final Path directory) {
        try (Checkpoint checkpoint = Checkpoint.open(TinyGolden.write(directory))) {
            assertThat(checkpoint.config()).isEqualTo(GoldenModel.config());
        }
    }

    @Test
    void shouldGiveTheSameViewsInOneFileAndInMany(@TempDir final Path directory) {
        try (Checkpoint one = Checkpoint.open(TinyGolden.write(directory.resolve("one")));
                Checkpoint many = Checkpoint.open(TinyGolden.write(directory.resolve("many"), 20_000))) {
            final ExpertKey key = new ExpertKey(1, 7);
            assertThat(many.unit(key).w2().data().mismatch(one.unit(key).w2().data()))
                    .isEqualTo(-1);
            assertThat(many.routerWeights()
                            .lmHead()
                            .data()
                            .mismatch(GoldenModel.routerWeights().lmHead().data()))
                    .isEqualTo(-1);
            assertThat(directory.resolve("many").toFile().list()).hasSizeGreaterThan(5);
        }
    }
}
