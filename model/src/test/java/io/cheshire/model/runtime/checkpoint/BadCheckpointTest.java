package io.cheshire.model.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelConfigParser;
import io.cheshire.model.protocol.ModelConfigWriter;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.safetensors.ShardIndex;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ManifestPolicy;
import io.cheshire.model.runtime.synth.Synth;
import io.cheshire.model.runtime.synth.SynthShape;
import io.cheshire.model.testing.Safetensors;
import io.cheshire.model.testing.TinyModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories that must be refused: shard lists, foreign formats, manifests, and tensors that don't fit the config. */
class BadCheckpointTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String SHARD = "model-00002-of-00003.safetensors";

    @TempDir
    private Path directory;

    private List<String> problems() {
        return problems(CheckpointOptions.DEFAULT);
    }

    private List<String> problems(final CheckpointOptions options) {
        final ModelException refused = catchThrowableOfType(
                ModelException.class, () -> Checkpoint.open(directory, options).close());
        assertThat(refused).as("the directory must be refused").isNotNull();
        final List<String> inspected =
                CheckpointInspector.inspectThoroughly(directory, Progress.NONE).problems();
        if (options.equals(CheckpointOptions.DEFAULT)) {
            assertThat(inspected).as("inspect must find the same").containsAll(refused.problems());
        }
        return refused.problems();
    }

    private void writeShards() {
        TinyModels.write(directory, 1, Dtype.BF16, CheckpointLayout.HUB, 10_000);
        assertThat(directory.resolve(SHARD)).exists();
    }

    private void change(final String file, final Consumer<ObjectNode> change) throws IOException {
        final ObjectNode json =
                (ObjectNode) MAPPER.readTree(directory.resolve(file).toFile());
        change.accept(json);
        Files.writeString(directory.resolve(file), json.toString());
    }

    private void renameShardTo(final String name) throws IOException {
        final String index = Files.readString(directory.resolve(ShardIndex.FILE_NAME));
        Files.writeString(directory.resolve(ShardIndex.FILE_NAME), index.replace(SHARD, name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x.safetensors", "a/../../x.safetensors", "/etc/hostname", "..", ""})
    void shouldRefuseShardsOutsideTheDirectory(final String name) throws IOException {
        writeShards();
        renameShardTo(name);

        assertThat(problems()).anyMatch(problem -> problem.startsWith(name + " ") && problem.contains("leads out"));
    }

    @Test
    void shouldRefuseAShardThatIsASymbolicLinkOut(@TempDir final Path elsewhere) throws IOException {
        writeShards();
        Files.move(directory.resolve(SHARD), elsewhere.resolve("x"));
        Files.createSymbolicLink(directory.resolve(SHARD), elsewhere.resolve("x"));

        assertThat(problems()).anyMatch(problem -> problem.contains("symbolic link out of the model directory"));
    }

    @Test
    void shouldFollowASymbolicLinkThatStaysInside() throws IOException {
        writeShards();
        Files.move(directory.resolve(SHARD), directory.resolve("blob"));
        Files.createSymbolicLink(directory.resolve(SHARD), Path.of("blob"));

        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThat(checkpoint.fingerprint()).hasSize(64);
        }
    }

    @Test
    void shouldRefuseACircleOfLinks() throws IOException {
        writeShards();
        Files.delete(directory.resolve(SHARD));
        Files.createSymbolicLink(directory.resolve(SHARD), Path.of("other"));
        Files.createSymbolicLink(directory.resolve("other"), Path.of(SHARD));

        assertThat(problems()).anyMatch(problem -> problem.startsWith(SHARD));
    }

    @Test
    void shouldRefuseAMissingShardAndADirectory() throws IOException {
        writeShards();
        Files.delete(directory.resolve(SHARD));
        assertThat(problems()).anyMatch(problem -> problem.contains(SHARD + " does not exist"));

        Files.createDirectory(directory.resolve(SHARD));
        assertThat(problems()).anyMatch(problem -> problem.contains(SHARD + " is not a regular file"));
    }

    @Test
    void shouldRefuseATensorInTwoShards() throws IOException {
        writeShards();
        Files.copy(directory.resolve(SHARD), directory.resolve("copy.safetensors"));
        change(ShardIndex.FILE_NAME, json -> ((ObjectNode) json.get("weight_map")).put("extra", "copy.safetensors"));

        assertThat(problems()).anyMatch(problem -> problem.contains("is in both copy.safetensors and " + SHARD));
    }

    @Test
    void shouldRefuseAnIndexThatDisagreesWithItsShards() throws IOException {
        writeShards();
        change(ShardIndex.FILE_NAME, json -> {
            final ObjectNode map = (ObjectNode) json.get("weight_map");
            map.put("model.norm.weight", map.get("model.embed_tokens.weight").textValue());
            map.remove("model.norm.bias");
            map.put("ghost", SHARD);
        });

        assertThat(problems())
                .anyMatch(problem -> problem.contains("model.norm.weight should be in"))
                .anyMatch(problem -> problem.contains("model.norm.bias") && problem.contains("is not in"))
                .anyMatch(problem -> problem.contains("ghost") && problem.contains("in no shard"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"weight_map\":{}}",
                "{\"weight_map\":{\"a\":1}}",
                "{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}"
            })
    void shouldRefuseABrokenIndex(final String json) throws IOException {
        writeShards();
        Files.writeString(directory.resolve(ShardIndex.FILE_NAME), json);

        assertThat(problems()).isNotEmpty();
    }

    @Test
    void shouldRefuseAnIndexBesideASingleFile() throws IOException {
        writeShards();
        Files.copy(directory.resolve(SHARD), directory.resolve("model.safetensors"));

        assertThat(problems()).singleElement().asString().contains("both there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch_model.bin", "model.pt", "consolidated.00.pth", "model.gguf"})
    void shouldNeverOpenOtherFormats(final String name) throws IOException {
        TinyModels.write(directory, 1);
        Files.delete(directory.resolve("model.safetensors"));
        Files.writeString(directory.resolve(name), "not to be read");

        assertThat(problems()).singleElement().asString().contains(name).contains("convert the model to safetensors");
    }

    @Test
    void shouldSayWhatIsMissingInAnEmptyDirectory() {
        assertThat(problems()).anyMatch(problem -> problem.contains("config.json does not exist"));
        assertThatThrownBy(() -> Checkpoint.open(directory.resolve("nowhere")))
                .hasMessageContaining("not a readable directory");
    }

    @Test
    void shouldNameTheFileAndTheKindWhenAHeaderIsBad() throws IOException {
        TinyModels.write(directory, 1);
        Files.write(directory.resolve("model.safetensors"), Safetensors.framed(-1, new byte[2], new byte[0]));

        assertThat(problems())
                .singleElement()
                .asString()
                .contains("model.safetensors")
                .contains("HEADER_TOO_LARGE");
    }

    @Test
    void shouldNameTheFieldThatMisshapesManyTensors() throws IOException {
        TinyModels.write(directory, 1);
        change(
                "config.json",
                json -> json.put("num_local_experts", 5)
                        .put("vocab_size", 33)
                        .put("intermediate_size", 25)
                        .put("lm_head_bias", false));

        assertThat(problems())
                .anyMatch(problem -> problem.startsWith("num_local_experts is 5, but tensor")
                        && problem.contains("block_sparse_moe.gate.weight has shape [4, 16]"))
                .anyMatch(
                        problem -> problem.startsWith("vocab_size is 33, but tensor model.embed_tokens.weight has shape"
                                + " [32, 16]; the config asks for [33, 16]; set it to 32"))
                .anyMatch(problem -> problem.startsWith("intermediate_size is 25, but tensor"
                        + " model.layers.0.block_sparse_moe.experts.0.w1.weight has shape [24, 16]"))
                .anyMatch(problem -> problem.startsWith("lm_head_bias is false") && problem.contains("lm_head.bias"))
                .hasSize(4);
    }

    @Test
    void shouldListATensorThatNoFieldExplains() throws IOException {
        writeShards();
        Files.delete(directory.resolve("model-00003-of-00003.safetensors"));
        change("config.json", json -> json.put("vocab_size", 33));

        assertThat(problems()).anyMatch(problem -> problem.contains("model-00003-of-00003.safetensors does not exist"));
    }

    /** Heads of another width than hidden size over heads, and a file that doesn't say so: once, by that field. */
    @Test
    void shouldNameHeadDimOnceWhenItIsMissing() throws IOException {
        final ModelConfig wide = new SynthShape(64, 24, 2, 2, 1, 64, 4, 32, 64, 16).toConfig();
        Synth.write(
                directory, wide, new Synth.Options(1, Dtype.F32, CheckpointLayout.HUB, Long.MAX_VALUE, Progress.NONE));
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThat(checkpoint.config().headDim()).isEqualTo(64);
        }
        change("config.json", json -> json.remove("head_dim"));
        assertThat(problems()).singleElement().asString().contains("head_dim is missing", "state head_dim = 64");
        change("config.json", json -> json.remove("rope_scaling"));

        assertThat(problems())
                .singleElement()
                .asString()
                .contains("head_dim is 32", "q_proj.weight has shape [128, 64]", "asks for [64, 64]", "head_dim = 64");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNameTheFlagWhenBiasesAreThereOrMissing(final boolean stored) throws IOException {
        final ModelConfig synth = TinyModels.config();
        TinyModels.write(directory, 1);
        if (!stored) {
            Files.delete(directory.resolve("model.safetensors"));
            Files.delete(directory.resolve("config.json"));
            final var none = MAPPER.readValue(ModelConfigWriter.toJson(synth), ObjectNode.class);
            none.put("attention_bias", false).put("lm_head_bias", false);
            Synth.write(
                    directory,
                    ModelConfigParser.parse(none.toString().getBytes(StandardCharsets.UTF_8), "config.json"),
                    new Synth.Options(1, Dtype.BF16, CheckpointLayout.FUSED, Long.MAX_VALUE, Progress.NONE));
        }
        change("config.json", json -> json.put("attention_bias", !stored).put("lm_head_bias", !stored));

        assertThat(problems())
                .hasSize(2)
                .anyMatch(problem -> problem.startsWith("attention_bias is " + !stored)
                        && problem.contains("state attention_bias = " + stored))
                .anyMatch(problem -> problem.startsWith("lm_head_bias is " + !stored));
    }

    @Test
    void shouldSayQuantisedInsteadOfNamingEveryTensor() throws IOException {
        TinyModels.write(directory, 1);
        new Safetensors()
                .add("model.layers.0.self_attn.q_proj.qweight", "I32", "[1,2]", new byte[8])
                .add("model.layers.0.self_attn.q_proj.scales", "F16", "[1,2]", new byte[4])
                .write(directory.resolve("model.safetensors"));

        assertThat(problems()).singleElement().asString().contains("q_proj.qweight", "quantised", "bf16");
    }

    @Test
    void shouldRefuseExpertsOfALayerThatTheConfigDoesNotHave() throws IOException {
        TinyModels.write(directory, 1);
        change("config.json", json -> json.put("num_hidden_layers", 1).put("num_local_experts", 3));

        assertThat(problems())
                .hasSize(2)
                .anyMatch(problem -> problem.startsWith("num_hidden_layers is 1, but the files hold 2 layers"))
                .anyMatch(problem -> problem.startsWith("num_local_experts is 3, but tensor"
                        + " model.layers.0.block_sparse_moe.gate.weight has shape [4, 16]"));
    }

    @Test
    void shouldRefuseAHeadThatTyingWouldLeaveUnused() throws IOException {
        TinyModels.write(directory, 1);
        change("config.json", json -> json.put("tie_word_embeddings", true));

        assertThat(problems())
                .singleElement()
                .asString()
                .contains("lm_head.weight")
                .contains("tie_word_embeddings is true");
    }

    private void writeManifest() throws IOException {
        final ObjectNode manifest = MAPPER.createObjectNode();
        for (final String name : List.of("config.json", "model.safetensors")) {
            final byte[] digest = FileHashes.sha256().digest(Files.readAllBytes(directory.resolve(name)));
            manifest.put(name, HexFormat.of().formatHex(digest));
        }
        Files.writeString(directory.resolve(Manifest.FILE_NAME), manifest.toString());
    }

    @Test
    void shouldRefuseAValidFileWithTheWrongHash() throws IOException {
        TinyModels.write(directory, 1);
        writeManifest();
        final byte[] file = Files.readAllBytes(directory.resolve("model.safetensors"));
        file[file.length - 1] ^= 1;
        Files.write(directory.resolve("model.safetensors"), file);

        assertThat(problems())
                .singleElement()
                .asString()
                .contains("model.safetensors has SHA-256")
                .contains("download it again");
        try (Checkpoint trusted =
                Checkpoint.open(directory, CheckpointOptions.DEFAULT.withManifest(ManifestPolicy.TRUST))) {
            assertThat(trusted.fingerprint()).hasSize(64);
        }
    }

    @Test
    void shouldRefuseFilesThatAManifestDoesNotListOrThatAreGone() throws IOException {
        TinyModels.write(directory, 1);
        writeManifest();
        Files.writeString(directory.resolve("tokenizer.json"), "{}");
        change(Manifest.FILE_NAME, json -> json.put("README.md", "0".repeat(64)).put("../x", "0".repeat(64)));

        assertThat(problems())
                .anyMatch(problem -> problem.startsWith("tokenizer.json is used but not listed"))
                .anyMatch(problem -> problem.startsWith("README.md does not exist"))
                .anyMatch(problem -> problem.startsWith("../x leads out"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"abc\"", "1", "null", "\"zz\"", "{}"})
    void shouldRefuseAManifestThatHoldsNoHashes(final String digest) throws IOException {
        TinyModels.write(directory, 1);
        Files.writeString(directory.resolve(Manifest.FILE_NAME), "{\"config.json\":" + digest + "}");

        assertThat(problems()).anyMatch(problem -> problem.contains("64 hexadecimal digits"));
    }

    @Test
    void shouldRefuseADirectoryWithoutAManifestWhereOneIsRequired() {
        TinyModels.write(directory, 1);

        assertThat(problems(CheckpointOptions.DEFAULT.withManifest(ManifestPolicy.REQUIRE)))
                .singleElement()
                .asString()
                .contains("is required");
    }

    @Test
    void shouldNotOverwriteAModel() {
        TinyModels.write(directory, 1);

        assertThatThrownBy(() -> TinyModels.write(directory, 2))
                .hasMessageContaining("config.json is already there")
                .hasMessageContaining("model.safetensors is already there");
    }
}
