package io.cheshire.model.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ManifestPolicy;
import io.cheshire.model.testing.TinyModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gate: what links may lead to, what a manifest has to list, and what it remembers. */
class ModelDirectoryTest {
    private static final String REVISION = "0123456789abcdef0123456789abcdef01234567";

    @TempDir
    private Path temp;

    private Path model;

    private static String sha256(final byte[] bytes) {
        return HexFormat.of().formatHex(FileHashes.sha256().digest(bytes));
    }

    private static List<Path> filesOf(final Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return new ArrayList<>(files.sorted().toList());
        }
    }

    private void writeModel() throws IOException {
        model = temp.resolve("model");
        TinyModels.write(model, 1, Dtype.BF16, CheckpointLayout.HUB, 10_000);
        for (final ModelFile file : ModelFile.values()) {
            if (!Files.exists(model.resolve(file.fileName()))) {
                Files.writeString(model.resolve(file.fileName()), "{}");
            }
        }
    }

    private void writeManifest() throws IOException {
        final ObjectNode manifest = new ObjectMapper().createObjectNode();
        for (final Path file : filesOf(model)) {
            manifest.put(file.getFileName().toString(), sha256(Files.readAllBytes(file)));
        }
        Files.writeString(model.resolve(Manifest.FILE_NAME), manifest.toString());
    }

    /** As {@code hf download} lays it down: a blob for each file, and a link to it in the snapshot. */
    private Path hubCache() throws IOException {
        writeModel();
        final Path holder = temp.resolve("hub").resolve("models--org--name");
        final Path snapshot =
                Files.createDirectories(holder.resolve("snapshots").resolve(REVISION));
        Files.createDirectories(holder.resolve("blobs"));
        for (final Path file : filesOf(model)) {
            final String blob = sha256(Files.readAllBytes(file));
            Files.move(file, holder.resolve("blobs").resolve(blob), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            Files.createSymbolicLink(snapshot.resolve(file.getFileName()), Path.of("../../blobs", blob));
        }
        return snapshot;
    }

    private static void relink(final Path link, final Path target) throws IOException {
        Files.delete(link);
        Files.createSymbolicLink(link, target);
    }

    private static List<String> problemsOf(final Path directory) {
        return CheckpointInspector.inspect(directory).problems();
    }

    @Test
    void shouldServeTheSnapshotOfAHubCache() throws IOException {
        final Path snapshot = hubCache();
        final Path current = Files.createSymbolicLink(temp.resolve("current"), snapshot);

        for (final Path directory : List.of(snapshot, current)) {
            try (Checkpoint checkpoint = Checkpoint.open(directory)) {
                assertThat(checkpoint.fingerprint()).hasSize(64);
                for (final ModelFile file : ModelFile.values()) {
                    assertThat(checkpoint.modelDirectory().read(file)).isNotNull();
                }
            }
            assertThat(problemsOf(directory)).isEmpty();
        }
        assertThat(HubCache.modelName(snapshot)).isEqualTo("name");
        assertThat(HubCache.modelName(current)).isEqualTo("current");
    }

    /** Files of their own beside the notes of the tool that fetched them. */
    @Test
    void shouldServeADownloadIntoADirectoryOfItsOwn() throws IOException {
        writeModel();
        final Path notes = Files.createDirectories(model.resolve(".cache/huggingface/download"));
        Files.writeString(notes.resolve("config.json.metadata"), REVISION);

        assertThat(problemsOf(model)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseALinkOutOfAHubCacheWhateverTheFile(final ModelFile file) throws IOException {
        final Path snapshot = hubCache();
        final Path outside = Files.writeString(temp.resolve("hub").resolve("outside"), "{}");
        relink(snapshot.resolve(file.fileName()), Path.of("../../../outside"));
        assertThat(snapshot.resolve(file.fileName())).hasSameTextualContentAs(outside);

        assertThatThrownBy(() -> ModelDirectory.open(snapshot).read(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(
                        file.fileName(), "symbolic link out of its hub cache folder", "models--org--name");
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseALinkOutOfAPlainDirectoryWhateverTheFile(final ModelFile file) throws IOException {
        writeModel();
        Files.writeString(temp.resolve("outside"), "{}");
        relink(model.resolve(file.fileName()), Path.of("../outside"));

        assertThatThrownBy(() -> ModelDirectory.open(model).read(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(file.fileName(), "symbolic link out of the model directory", "cp -rL");
    }

    /** An absent file means something, an incomplete download doesn't. */
    @ParameterizedTest
    @EnumSource
    void shouldSayThatADownloadWasInterruptedWhenALinkLeadsNowhere(final ModelFile file) throws IOException {
        final Path snapshot = hubCache();
        relink(snapshot.resolve(file.fileName()), Path.of("../../blobs/gone"));

        assertThatThrownBy(() -> ModelDirectory.open(snapshot).read(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(file.fileName(), "does not exist", "../../blobs/gone", "interrupted download");
    }

    @Test
    void shouldSayWhichWeightsAreMissingAfterAnInterruptedDownload() throws IOException {
        final Path snapshot = hubCache();
        relink(snapshot.resolve("model-00002-of-00003.safetensors"), Path.of("../../blobs/gone"));

        assertThat(problemsOf(snapshot))
                .singleElement()
                .asString()
                .contains("model-00002-of-00003.safetensors does not exist", "interrupted download");
    }

    @Test
    void shouldNameTheSnapshotWhenGivenTheFolderAroundIt() throws IOException {
        final Path snapshot = hubCache();

        final String real = snapshot.toRealPath().toString();

        assertThat(problemsOf(snapshot.getParent().getParent()))
                .anyMatch(problem -> problem.startsWith("config.json does not exist") && problem.contains(real));
    }

    /** The file that decides every chat prompt was the one that was forgotten; a new one can't be. */
    @ParameterizedTest
    @EnumSource
    void shouldRefuseAFileThatTheManifestDoesNotListWhateverItIs(final ModelFile file) throws IOException {
        writeModel();
        final byte[] bytes = Files.readAllBytes(model.resolve(file.fileName()));
        if (file != ModelFile.CONFIG && file != ModelFile.INDEX) {
            Files.delete(model.resolve(file.fileName()));
        }
        writeManifest();
        final CheckpointOptions required = CheckpointOptions.DEFAULT.withManifest(ManifestPolicy.REQUIRE);
        Checkpoint.open(model, required).close();
        Files.write(model.resolve(file.fileName()), bytes);
        final Path manifest = model.resolve(Manifest.FILE_NAME);
        Files.writeString(
                manifest,
                ((ObjectNode) new ObjectMapper().readTree(manifest.toFile()))
                        .without(List.of(file.fileName()))
                        .toString());

        assertThatThrownBy(() -> Checkpoint.open(model, required).close())
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(file.fileName() + " is used but not listed");
        assertThatThrownBy(
                        () -> ModelDirectory.open(model, ManifestPolicy.REQUIRE).read(file))
                .hasMessageContaining(file.fileName() + " is used but not listed");
        assertThat(problemsOf(model))
                .anyMatch(problem -> problem.startsWith(file.fileName() + " is used but not listed"));
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseAFileThatWasChangedAfterItWasVerified(final ModelFile file) throws IOException {
        writeModel();
        writeManifest();
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            Files.writeString(model.resolve(file.fileName()), "[]", StandardCharsets.UTF_8);

            assertThatThrownBy(() -> checkpoint.modelDirectory().read(file))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining(file.fileName() + " has SHA-256 " + sha256(new byte[] {'[', ']'}));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseAFileThatIsTooLongBeforeItIsRead(final ModelFile file) throws IOException {
        writeModel();
        try (var channel =
                Files.newByteChannel(model.resolve(file.fileName()), java.nio.file.StandardOpenOption.WRITE)) {
            channel.position(file.maxBytes()).write(java.nio.ByteBuffer.allocate(1));
        }

        assertThatThrownBy(() -> ModelDirectory.open(model).read(file))
                .hasMessageContaining("the limit is " + file.maxBytes());
    }

    @Test
    void shouldRememberWhatWasRead() throws IOException {
        writeModel();
        final ModelDirectory directory = ModelDirectory.open(model);

        assertThat(directory.sha256Of(ModelFile.TOKENIZER)).isNull();
        directory.read(ModelFile.TOKENIZER);
        assertThat(directory.sha256Of(ModelFile.TOKENIZER)).isEqualTo(sha256(new byte[] {'{', '}'}));
    }
}
