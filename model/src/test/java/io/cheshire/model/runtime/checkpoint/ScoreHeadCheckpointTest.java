package io.cheshire.model.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.synth.Synth;
import io.cheshire.model.runtime.synth.SynthShape;
import io.cheshire.model.testing.Safetensors;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier's files go through the same gate as a language model's. */
class ScoreHeadCheckpointTest {
    private static final SynthShape SHAPE = new SynthShape(32, 48, 2, 4, 2, 8, 4, 64, 64, 0);

    @TempDir
    private Path directory;

    private Path synth(final String name, final int labels) {
        final Path to = directory.resolve(name);
        Synth.write(to, SHAPE.toConfig(labels), Synth.Options.ofSeed(1));
        return to;
    }

    private Path withConfigOf(final Path weights, final Path config) throws IOException {
        Files.copy(
                config.resolve("config.json"),
                weights.resolve("config.json"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        return weights;
    }

    private static List<String> problems(final Path model) {
        return catchThrowableOfType(
                        ModelException.class, () -> Checkpoint.open(model).close())
                .problems();
    }

    @Test
    void shouldLoadTheHeadInThePlaceOfALanguageModels() {
        final Path classifier = synth("c", 3);
        try (Checkpoint checkpoint = Checkpoint.open(classifier)) {
            assertThat(checkpoint.routerWeights().lmHead().name()).isEqualTo("score.weight");
            assertThat(checkpoint.routerWeights().lmHead().shape()).containsExactly(3L, 32L);
            assertThat(checkpoint.routerWeights().lmHeadBias()).isNull();
            assertThat(checkpoint.tensors()).noneMatch(tensor -> tensor.name().startsWith("lm_head"));
        }
        assertThat(CheckpointInspector.inspect(classifier).toText(4))
                .contains("head", "3 labels, softmax, in fp32", "problems     none");
    }

    @Test
    void shouldTellAHeadThatTheConfigHasNoPlaceForFromOneThatIsMissing() throws IOException {
        assertThat(problems(withConfigOf(synth("a", 3), synth("b", 0))))
                .anyMatch(line -> line.contains("score.weight") && line.contains("names a language model"))
                .anyMatch(line -> line.contains("missing tensor lm_head.weight"));
        assertThat(problems(withConfigOf(synth("d", 0), synth("e", 3))))
                .anyMatch(line -> line.contains("lm_head.weight") && line.contains("names a classifier"))
                .anyMatch(line -> line.contains("missing tensor score.weight [3, 32]"));
    }

    @Test
    void shouldNameTheFieldWhereTheNumberOfLabelsIsWrong() throws IOException {
        assertThat(problems(withConfigOf(synth("f", 3), synth("g", 5))))
                .singleElement()
                .asString()
                .contains("num_labels is 5", "score.weight has shape [3, 32]", "set it to 3");
    }

    @Test
    void shouldRefuseABiasThatTheClassHasNot() throws IOException {
        final Path from = synth("h", 2);
        final Path to = Files.createDirectory(directory.resolve("i"));
        final Safetensors file = new Safetensors();
        try (Checkpoint source = Checkpoint.open(from)) {
            for (final TensorView tensor : source.tensors()) {
                file.add(
                        tensor.name(),
                        tensor.dtype().name(),
                        tensor.shape().toString(),
                        tensor.data().toArray(ValueLayout.JAVA_BYTE));
            }
        }
        file.add("score.bias", "BF16", "[2]", new byte[4]);
        file.write(to.resolve("model.safetensors"));
        assertThat(problems(withConfigOf(to, from)))
                .singleElement()
                .asString()
                .contains("unknown tensor score.bias", "has no bias");
    }

    @Test
    void shouldLeaveTheHeadAsItIsWhenTheRestIsQuantised() {
        final Path to = directory.resolve("q");
        final byte[] published;
        try (Checkpoint source = Checkpoint.open(synth("j", 3))) {
            published = source.routerWeights().lmHead().data().toArray(ValueLayout.JAVA_BYTE);
            CheckpointQuantiser.write(source, new Quantisation(8, 32), to, 1L << 30, Progress.NONE);
        }
        try (Checkpoint quantised = Checkpoint.open(to)) {
            assertThat(quantised.quantised()).isNotNull();
            assertThat(quantised.routerWeights().lmHead().data().toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(published);
        }
    }
}
