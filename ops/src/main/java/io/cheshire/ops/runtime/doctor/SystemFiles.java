package io.cheshire.ops.runtime.doctor;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the kernel tells in files, below a root that tests replace. What isn't there, or may not be read, is empty. */
final class SystemFiles {
    private final Path root;

    SystemFiles(final Path root) {
        this.root = root;
    }

    /**
     * A file, without the line feed at its end. In one read: numbers below {@code /proc/sys} end after the first,
     * however short it is, and {@link Files#readString} asks for one byte first where a file has no size.
     */
    String text(final String path) {
        try (InputStream in = new FileInputStream(root.resolve(path).toFile())) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (final IOException | RuntimeException unreadable) {
            return "";
        }
    }

    /** A file that is a number; {@code otherwise} where it isn't. */
    long number(final String path, final long otherwise) {
        return number(path, "", otherwise);
    }

    /** The first number on the line of a file that starts so; {@code otherwise} where there is none. */
    long number(final String path, final String start, final long otherwise) {
        for (final String line : text(path).split("\n", -1)) {
            if (line.startsWith(start)) {
                final String[] words = line.substring(start.length()).strip().split("\\s+", -1);
                if (words[0].matches("\\d{1,18}")) {
                    return Long.parseLong(words[0]);
                }
            }
        }
        return otherwise;
    }

    /** What follows the colon on the first line that starts so. */
    String value(final String path, final String start) {
        for (final String line : text(path).split("\n", -1)) {
            if (line.startsWith(start) && line.indexOf(':') >= 0) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return "";
    }

    /** Names in a folder that start so. */
    List<String> names(final String folder, final String start) {
        final List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root.resolve(folder), start + "*")) {
            found.forEach(path -> names.add(path.getFileName().toString()));
        } catch (final IOException | RuntimeException unreadable) {
            return List.of();
        }
        names.sort(null);
        return names;
    }
}
