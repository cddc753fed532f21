package io.cheshire.model.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.FingerprintMode;
import io.cheshire.model.testing.TinyModels;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that change while they are mapped: never numbers that nobody verified, and a file's name where the JVM knows
 * none.
 */
class ChangedFileTest {
    private static final ExpertKey KEY = new ExpertKey(1, 2);

    @TempDir
    private Path directory;

    private Path file;
    private Checkpoint checkpoint;

    @BeforeEach
    void open() {
        TinyModels.write(directory, 1);
        file = directory.resolve("model.safetensors");
        checkpoint = Checkpoint.open(directory);
    }

    @AfterEach
    void close() {
        checkpoint.close();
    }

    private void cutOff(final long bytes) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        } catch (final IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** A byte of the last tensor, at a time that the file system's clock can't hide. */
    private void writeInPlace() throws IOException {
        final FileTime before = Files.getLastModifiedTime(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}), channel.size() - 1);
        }
        Files.setLastModifiedTime(file, FileTime.from(before.toInstant().plusSeconds(1)));
    }

    private void assertRefused(final ThrowingCallable reading) {
        assertThatThrownBy(reading)
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(file.toString(), "was changed", "start this process again", "by renaming");
    }

    @Test
    void shouldRefuseToReadWhenTheFileWasCutOff() {
        cutOff(0);

        assertRefused(() -> checkpoint.unit(KEY));
        assertRefused(() -> checkpoint.routerWeights());
        assertRefused(() -> checkpoint.fingerprint(FingerprintMode.SAMPLED));
    }

    /** Less than a page is missing, so the mapping shows zeros there and nothing faults. */
    @Test
    void shouldRefuseToReadWhenTheFileLacksAByte() throws IOException {
        cutOff(Files.size(file) - 1);

        assertRefused(() -> checkpoint.unit(KEY));
    }

    @Test
    void shouldRefuseToReadWhenTheFileWasWrittenTo() throws IOException {
        writeInPlace();

        assertRefused(() -> checkpoint.unit(KEY));
    }

    @Test
    void shouldRefuseACopyWhenTheFileIsCutOffMeanwhile() {
        final var unit = checkpoint.unit(KEY);

        assertRefused(() -> checkpoint.whileUnchanged(() -> {
            cutOff(0);
            return unit.w1().data().toArray(ValueLayout.JAVA_BYTE); // the JVM throws an InternalError here
        }));
    }

    @Test
    void shouldRefuseACopyWhenTheFileIsWrittenToMeanwhile() {
        assertRefused(() -> checkpoint.whileUnchanged(() -> {
            try {
                writeInPlace();
            } catch (final IOException failure) {
                throw new AssertionError(failure);
            }
            return 1;
        }));
    }

    @Test
    void shouldGoOnWithWhatIsMappedWhenAnotherFileTakesItsPlace(@TempDir final Path elsewhere) throws IOException {
        final byte[] before = checkpoint.unit(KEY).w1().data().toArray(ValueLayout.JAVA_BYTE);
        TinyModels.write(elsewhere, 2);
        Files.move(elsewhere.resolve("model.safetensors"), file, StandardCopyOption.REPLACE_EXISTING);

        assertThat(checkpoint.unit(KEY).w1().data().toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(before);
        assertThatThrownBy(() -> checkpoint.fingerprint(FingerprintMode.CONTENT))
                .as("what has its name now isn't what is mapped")
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(file.toString(), "was replaced", "start this process again");
    }

    @Test
    void shouldGoOnWhenTheFileWasDeleted() throws IOException {
        Files.delete(file);

        assertThat(checkpoint.unit(KEY).key()).isEqualTo(KEY);
    }
}
