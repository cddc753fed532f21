package io.cheshire.model.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** SHA-256 of folders' files, by name. */
public final class TestHash {
    private TestHash() {}

    /** Of the contents of all files, one folder after another. */
    public static String of(final Path... folders) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (final Path folder : folders) {
                for (final Path file : files(folder)) {
                    digest.update(Files.readAllBytes(file));
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (final NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }

    private static List<Path> files(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
