package io.cheshire.model.runtime.onednn.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks our native library. Its file is named by what is in it, so that processes of different builds don't take each
 * other's.
 */
final class ShippedLibrary {
    private static final int NAME_DIGITS = 16;

    private ShippedLibrary() {}

    /**
     * The library as a file.
     *
     * @param folder where it is unpacked if it isn't there already
     * @return null where there is none for the platform
     */
    static @Nullable Path unpack(final String platform, final Path folder) throws IOException {
        final byte[] library;
        try (InputStream in =
                ShippedLibrary.class.getResourceAsStream("/native/" + platform + "/libcheshire_groups.so")) {
            if (in == null) {
                return null;
            }
            library = in.readAllBytes();
        }
        final Path file = folder.resolve("libcheshire_groups-" + digest(library) + ".so");
        if (!isThere(file, library)) {
            Files.createDirectories(folder);
            final Path part = Files.createTempFile(folder, "libcheshire_groups", ".part");
            Files.write(part, library);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return file;
    }

    private static boolean isThere(final Path file, final byte[] library) throws IOException {
        return Files.isRegularFile(file)
                && Files.size(file) == library.length
                && Arrays.equals(Files.readAllBytes(file), library);
    }

    private static String digest(final byte[] bytes) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .substring(0, NAME_DIGITS);
        } catch (final NoSuchAlgorithmException cause) {
            throw new IllegalStateException("every Java platform has SHA-256", cause);
        }
    }
}
