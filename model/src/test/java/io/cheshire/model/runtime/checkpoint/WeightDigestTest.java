package io.cheshire.model.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.FingerprintMode;
import io.cheshire.model.testing.TinyModels;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What weights say, whole: any bit counts, and nothing but what they say. */
class WeightDigestTest {
    private static final ExpertKey KEY = new ExpertKey(1, 2);
    private static final long SEED = 20_261_129L;

    @TempDir
    private Path directory;

    @Test
    void shouldBeWhatSha256OfTheBytesAndTheWrittenRuleGive() {
        TinyModels.write(directory, 1);
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            final UnitWeights unit = checkpoint.unit(KEY);
            final String rule = "cheshire-unit 1 layer 1 expert 2\n"
                    + line("w1", unit.w1())
                    + line("w2", unit.w2())
                    + line("w3", unit.w3());

            assertThat(checkpoint.digestedUnit(KEY).sha256()).isEqualTo(hex(rule.getBytes(StandardCharsets.UTF_8)));
            assertThat(DigestedUnit.of(unit).sha256()).isEqualTo(hex(rule.getBytes(StandardCharsets.UTF_8)));
        }
    }

    @Test
    void shouldReadLargeTensorsInPiecesWithoutLosingAByte() {
        final Random random = new Random(SEED);
        for (final int bytes : new int[] {0, 2, 131_070, 131_072, 131_074, 400_002}) {
            final byte[] data = new byte[bytes];
            random.nextBytes(data);
            try (Arena arena = Arena.ofConfined()) {
                final MemorySegment mapped = arena.allocate(Math.max(1, bytes));
                MemorySegment.copy(data, 0, mapped, ValueLayout.JAVA_BYTE, 0, bytes);
                final TensorView tensor =
                        new TensorView("t", Dtype.BF16, List.of(bytes / 2L), mapped.asSlice(0, bytes));
                assertThat(TensorPass.over(tensor, true).sha256()).isEqualTo(hex(data));
                assertThat(TensorPass.over(tensor, false).sha256()).isEqualTo(hex(data));
            }
        }
    }

    @Test
    void shouldFindInPiecesWhatAScanOfTheWholeFinds() {
        final byte[] data = new byte[400_000];
        data[300_001] = 0x7f; // one infinity, in the third piece
        data[300_000] = (byte) 0x80;
        final TensorView tensor = new TensorView("t", Dtype.BF16, List.of(200_000L), MemorySegment.ofArray(data));
        assertThat(TensorPass.over(tensor, true).scan().nonFinite()).isTrue();
        assertThat(TensorPass.over(tensor, true).scan().allZero()).isFalse();
        data[300_001] = 0;
        data[300_000] = 0;
        assertThat(TensorPass.over(tensor, true).scan().nonFinite()).isFalse();
        assertThat(TensorPass.over(tensor, true).scan().allZero()).isTrue();
    }

    @Test
    void shouldChangeForTheRouterWithAnyOfItsTensorsAndNotForOthers() throws IOException {
        TinyModels.write(directory, 1);
        final String router;
        final String unit;
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            router = checkpoint.digestedRouter().sha256();
            unit = checkpoint.digestedUnit(KEY).sha256();
            assertThat(checkpoint.digestedRouter().sha256()).isEqualTo(router);
        }
        flip("model.norm.weight");
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThat(checkpoint.digestedRouter().sha256()).isNotEqualTo(router);
            assertThat(checkpoint.digestedUnit(KEY).sha256()).isEqualTo(unit);
        }
    }

    @Test
    void shouldRefuseBrokenWeightsInTheSamePass() throws IOException {
        TinyModels.write(directory, 1);
        set("model.layers.1.block_sparse_moe.experts.2.w2.weight", (short) 0x7fc0);
        set("model.norm.weight", (short) 0x7f80);
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThatThrownBy(() -> checkpoint.digestedUnit(KEY))
                    .isInstanceOfSatisfying(
                            ModelException.class,
                            refused -> assertThat(refused.problems())
                                    .anyMatch(problem -> problem.contains("experts.2.w2") && problem.contains("NaN")));
            assertThatThrownBy(checkpoint::digestedRouter).isInstanceOf(ModelException.class);
        }
    }

    @Test
    void shouldKnowTheHashesOfFilesOnlyFromAManifest() throws IOException {
        TinyModels.write(directory, 1);
        final StringBuilder files = new StringBuilder();
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThat(checkpoint.knowsFileHashes()).isFalse();
        }
        for (final String name : List.of("config.json", "model.safetensors")) {
            files.append(files.isEmpty() ? "" : ",")
                    .append('"')
                    .append(name)
                    .append("\":\"")
                    .append(hex(Files.readAllBytes(directory.resolve(name))))
                    .append('"');
        }
        Files.writeString(directory.resolve(Manifest.FILE_NAME), "{" + files + "}");
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThat(checkpoint.knowsFileHashes()).isTrue();
            assertThat(checkpoint.fingerprint(FingerprintMode.CONTENT)).hasSize(64);
        }
    }

    private void flip(final String tensor) throws IOException {
        set(tensor, (short) 0x3f81);
    }

    private void set(final String tensor, final short value) throws IOException {
        final Path file = directory.resolve("model.safetensors");
        final long at;
        try (Arena arena = Arena.ofConfined();
                ModelDirectory.OpenFile opened = ModelDirectory.open(directory).open("model.safetensors")) {
            final MappedFile mapped = MappedFile.map(opened, arena);
            at = mapped.header().dataOffset()
                    + mapped.header().tensors().stream()
                            .filter(entry -> entry.name().equals(tensor))
                            .findFirst()
                            .orElseThrow()
                            .begin();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) value, (byte) (value >> 8)}), at);
        }
    }

    private static String line(final String role, final TensorView tensor) {
        return role + " " + tensor.dtype() + " " + tensor.shape() + " "
                + hex(tensor.data().toArray(ValueLayout.JAVA_BYTE)) + "\n";
    }

    private static String hex(final byte[] bytes) {
        return HexFormat.of().formatHex(FileHashes.sha256().digest(bytes));
    }
}
