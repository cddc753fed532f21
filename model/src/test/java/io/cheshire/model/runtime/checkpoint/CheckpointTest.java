package io.cheshire.model.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.FingerprintMode;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ScanPolicy;
import io.cheshire.model.testing.Safetensors;
import io.cheshire.model.testing.TinyModels;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final ExpertKey KEY = new ExpertKey(1, 2);

    @TempDir
    private Path directory;

    private static byte[] bytes(final TensorView tensor) {
        return tensor.data().toArray(ValueLayout.JAVA_BYTE);
    }

    /** Rewrites a checkpoint in one file, tensor by tensor. */
    private Path rewrite(final Path from, final String name, final UnaryOperator<TensorView> change)
            throws IOException {
        final Path to = Files.createDirectory(directory.resolve(name));
        final Safetensors file = new Safetensors();
        try (Checkpoint source = Checkpoint.open(from)) {
            for (final TensorView tensor : source.tensors()) {
                final TensorView changed = change.apply(tensor);
                file.add(changed.name(), changed.dtype().name(), changed.shape().toString(), bytes(changed));
            }
        }
        file.write(to.resolve("model.safetensors"));
        Files.copy(from.resolve("config.json"), to.resolve("config.json"));
        return to;
    }

    private static TensorView withBytes(final TensorView tensor, final byte[] bytes) {
        return new TensorView(tensor.name(), tensor.dtype(), tensor.shape(), MemorySegment.ofArray(bytes));
    }

    /** The fused file of a hub checkpoint, built here as docs/model.md §2.3 says, independently of the reader. */
    private Path fuse(final Path hub) throws IOException {
        final Path to = Files.createDirectory(directory.resolve("fused"));
        final Safetensors file = new Safetensors();
        try (Checkpoint source = Checkpoint.open(hub)) {
            final ModelConfig config = source.config();
            for (final TensorView tensor : source.tensors()) {
                if (!tensor.name().contains(".experts.")) {
                    final String name = tensor.name().replace("block_sparse_moe.gate.", "mlp.router.");
                    file.add(name, "BF16", tensor.shape().toString(), bytes(tensor));
                }
            }
            for (int layer = 0; layer < config.layerCount(); layer++) {
                final ByteBuffer gateUp = ByteBuffer.allocate(4 * 2 * 24 * 16 * 2);
                final ByteBuffer down = ByteBuffer.allocate(4 * 16 * 24 * 2);
                for (int expert = 0; expert < config.expertCount(); expert++) {
                    final UnitWeights unit = source.unit(new ExpertKey(layer, expert));
                    gateUp.put(bytes(unit.w1())).put(bytes(unit.w3()));
                    down.put(bytes(unit.w2()));
                }
                final String prefix = "model.layers." + layer + ".mlp.experts.";
                file.add(prefix + "gate_up_proj", "BF16", "[4,48,16]", gateUp.array());
                file.add(prefix + "down_proj", "BF16", "[4,16,24]", down.array());
            }
        }
        file.write(to.resolve("model.safetensors"));
        Files.copy(hub.resolve("config.json"), to.resolve("config.json"));
        return to;
    }

    @Test
    void shouldGiveTheSameUnitsInHubAndFusedLayout() throws IOException {
        final Path hub = TinyModels.write(directory.resolve("hub"), 7);
        try (Checkpoint one = Checkpoint.open(hub);
                Checkpoint other = Checkpoint.open(fuse(hub))) {
            assertThat(other.layout()).isEqualTo(CheckpointLayout.FUSED);
            for (int unit = 0; unit < 8; unit++) {
                final ExpertKey key = ExpertKey.ofUnitIndex(unit, 4);
                assertThat(other.unit(key).w1().shape())
                        .isEqualTo(one.unit(key).w1().shape());
                assertThat(other.unit(key).w2().shape())
                        .isEqualTo(one.unit(key).w2().shape());
                assertThat(bytes(other.unit(key).w1()))
                        .isEqualTo(bytes(one.unit(key).w1()));
                assertThat(bytes(other.unit(key).w2()))
                        .isEqualTo(bytes(one.unit(key).w2()));
                assertThat(bytes(other.unit(key).w3()))
                        .isEqualTo(bytes(one.unit(key).w3()));
                assertThat(other.digestedUnit(key).sha256())
                        .isEqualTo(one.digestedUnit(key).sha256());
            }
            assertThat(other.digestedRouter().sha256())
                    .isEqualTo(one.digestedRouter().sha256());
            assertThat(bytes(other.routerWeights().layers().get(1).gate()))
                    .isEqualTo(bytes(one.routerWeights().layers().get(1).gate()));
        }
    }

    @Test
    void shouldGiveTheSameViewsFromOneFileAndFromShards() throws IOException {
        final Path single = TinyModels.write(directory.resolve("single"), 7);
        final Path sharded = TinyModels.write(directory.resolve("sharded"), 7, Dtype.BF16, CheckpointLayout.HUB, 3_000);
        try (Checkpoint one = Checkpoint.open(single);
                Checkpoint other = Checkpoint.open(sharded)) {
            assertThat(other.tensors()).hasSameSizeAs(one.tensors());
            for (int i = 0; i < one.tensors().size(); i++) {
                assertThat(other.tensors().get(i).name())
                        .isEqualTo(one.tensors().get(i).name());
                assertThat(bytes(other.tensors().get(i)))
                        .isEqualTo(bytes(one.tensors().get(i)));
            }
            assertThat(other.config()).isEqualTo(one.config());
        }
    }

    @Test
    void shouldHoldTheSameNumbersInEveryDtype() {
        final Path bf16 = TinyModels.write(directory.resolve("bf16"), 7);
        final Path f32 = TinyModels.write(directory.resolve("f32"), 7, Dtype.F32, CheckpointLayout.HUB, Long.MAX_VALUE);
        final Path f16 = TinyModels.write(directory.resolve("f16"), 7, Dtype.F16, CheckpointLayout.HUB, Long.MAX_VALUE);
        try (Checkpoint a = Checkpoint.open(bf16);
                Checkpoint b = Checkpoint.open(f32);
                Checkpoint c = Checkpoint.open(f16)) {
            final TensorView x = a.unit(KEY).w1();
            final TensorView y = b.unit(KEY).w1();
            final TensorView z = c.unit(KEY).w1();
            assertThat(List.of(x.dtype(), y.dtype(), z.dtype())).containsExactly(Dtype.BF16, Dtype.F32, Dtype.F16);
            for (int i = 0; i < 24 * 16; i++) {
                final float value = y.data().getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
                final short bits = x.data().getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i);
                final short half = z.data().getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i);
                assertThat(Float.intBitsToFloat(bits << 16)).isEqualTo(value);
                assertThat(Float.float16ToFloat(half)).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(value)));
            }
        }
    }

    @Test
    void shouldReadATensorThatIsNotAligned() throws IOException {
        final Path odd = rewrite(TinyModels.write(directory.resolve("even"), 7), "odd", UnaryOperator.identity());
        final byte[] file = Files.readAllBytes(odd.resolve("model.safetensors"));
        final int header =
                (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        final byte[] json = Arrays.copyOf(Arrays.copyOfRange(file, 8, 8 + header), header + (header % 2 == 0 ? 1 : 2));
        Arrays.fill(json, header, json.length, (byte) ' ');
        Files.write(
                odd.resolve("model.safetensors"),
                Safetensors.file(json, Arrays.copyOfRange(file, 8 + header, file.length)));
        try (Checkpoint one = Checkpoint.open(directory.resolve("even"));
                Checkpoint other = Checkpoint.open(odd)) {
            assertThat(other.unit(KEY).w1().data().address() % 2).isEqualTo(1);
            assertThat(bytes(other.unit(KEY).w1()))
                    .isEqualTo(bytes(one.unit(KEY).w1()));
        }
    }

    @Test
    void shouldUseTheEmbeddingAsHeadWhereTheyAreTied() throws IOException {
        final Path untied = TinyModels.write(directory.resolve("untied"), 7);
        final Path tied = Files.createDirectory(directory.resolve("tied"));
        final Safetensors file = new Safetensors();
        try (Checkpoint source = Checkpoint.open(untied)) {
            source.tensors().stream()
                    .filter(tensor -> !tensor.name().equals("lm_head.weight"))
                    .forEach(tensor ->
                            file.add(tensor.name(), "BF16", tensor.shape().toString(), bytes(tensor)));
        }
        file.write(tied.resolve("model.safetensors"));
        Files.writeString(
                tied.resolve("config.json"),
                Files.readString(untied.resolve("config.json"))
                        .replaceFirst("\"tie_word_embeddings\" : false", "\"tie_word_embeddings\" : true"));

        try (Checkpoint checkpoint = Checkpoint.open(tied)) {
            assertThat(checkpoint.config().tieWordEmbeddings()).isTrue();
            final RouterWeights weights = checkpoint.routerWeights();
            assertThat(weights.lmHead()).isSameAs(weights.embedding());
        }
    }

    @Test
    void shouldRefuseNanAndInfinityInAUnitOnlyWhenThatUnitIsLoaded() throws IOException {
        final Path good = TinyModels.write(directory.resolve("good"), 7);
        final Path bad = rewrite(good, "bad", tensor -> {
            if (!tensor.name().equals("model.layers.1.block_sparse_moe.experts.2.w2.weight")) {
                return tensor;
            }
            final byte[] bytes = bytes(tensor);
            bytes[bytes.length - 1] = 0x7f;
            bytes[bytes.length - 2] = (byte) 0x80;
            return withBytes(tensor, bytes);
        });
        try (Checkpoint checkpoint = Checkpoint.open(bad)) {
            assertThat(checkpoint.unit(new ExpertKey(1, 1))).isNotNull();
            assertThatThrownBy(() -> checkpoint.unit(KEY))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("experts.2.w2.weight of unit 1.2 holds NaN or infinity");
        }
        try (Checkpoint checkpoint = Checkpoint.open(bad, CheckpointOptions.DEFAULT.withScan(ScanPolicy.WARN))) {
            assertThat(checkpoint.unit(KEY)).isNotNull();
        }
        assertThat(CheckpointInspector.inspect(bad).problems()).isEmpty();
        assertThat(CheckpointInspector.inspectThoroughly(bad, Progress.NONE).problems())
                .hasSize(1);
    }

    @Test
    void shouldRefuseAGateThatIsAllZero() throws IOException {
        final Path good = TinyModels.write(directory.resolve("good"), 7);
        final Path bad = rewrite(
                good,
                "bad",
                tensor -> tensor.name().endsWith("1.block_sparse_moe.gate.weight")
                        ? withBytes(tensor, new byte[(int) tensor.data().byteSize()])
                        : tensor);
        try (Checkpoint checkpoint = Checkpoint.open(bad)) {
            assertThatThrownBy(checkpoint::routerWeights).hasMessageContaining("gate.weight is all zero");
        }
    }

    @Test
    void shouldFingerprintEqualModelsAlikeAndOthersNot() throws IOException {
        final Path a = TinyModels.write(directory.resolve("a"), 7);
        final Path same = TinyModels.write(directory.resolve("same"), 7);
        final Path other = TinyModels.write(directory.resolve("other"), 8);
        Files.writeString(
                same.resolve("config.json"),
                Files.readString(same.resolve("config.json")).replaceFirst("\\{", "{\"torch_dtype\": \"bfloat16\","));
        final Path otherConfig = TinyModels.write(directory.resolve("config"), 7);
        Files.writeString(
                otherConfig.resolve("config.json"),
                Files.readString(otherConfig.resolve("config.json")).replaceFirst("10000.0", "20000.0"));
        for (final FingerprintMode mode : FingerprintMode.values()) {
            assertThat(fingerprint(same, mode)).as("%s", mode).isEqualTo(fingerprint(a, mode));
            assertThat(fingerprint(other, mode)).as("%s", mode).isNotEqualTo(fingerprint(a, mode));
            assertThat(fingerprint(otherConfig, mode)).as("%s", mode).isNotEqualTo(fingerprint(a, mode));
        }
        assertThat(fingerprint(a, FingerprintMode.SAMPLED)).isNotEqualTo(fingerprint(a, FingerprintMode.CONTENT));
    }

    private static String fingerprint(final Path model, final FingerprintMode mode) {
        try (Checkpoint checkpoint = Checkpoint.open(model, CheckpointOptions.DEFAULT.withFingerprint(mode))) {
            return checkpoint.fingerprint();
        }
    }

    @Test
    void shouldRefuseUnitsThatTheModelDoesNotHaveAndReadsAfterClose() {
        final Checkpoint checkpoint = Checkpoint.open(TinyModels.write(directory.resolve("a"), 7));
        final TensorView view = checkpoint.unit(KEY).w1();
        assertThatThrownBy(() -> checkpoint.unit(new ExpertKey(2, 0))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> checkpoint.unit(new ExpertKey(0, 4))).isInstanceOf(IllegalArgumentException.class);

        checkpoint.close();

        assertThatThrownBy(() -> view.data().get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }
}
