package io.cheshire.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of this repository, as they are checked in: without what builds write. */
final class SourceTree {
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final Path ROOT = root();

    private SourceTree() {}

    private static Path root() {
        final String root = System.getProperty("cheshire.root");
        if (root == null) {
            throw new IllegalStateException("-Dcheshire.root=DIR must name the repository's root");
        }
        return Path.of(root);
    }

    /** A file, by its path from the root. */
    static Path file(final String path) {
        return ROOT.resolve(path);
    }

    /** Folders of the modules, in the order of the build: each depends on earlier ones only. */
    static List<String> modules() {
        return MODULE.matcher(read(file("pom.xml")))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /** Java files of {@code main} or {@code test} of every module, but for the package's own comments. */
    static List<Path> java(final String kind) {
        final List<Path> found = new ArrayList<>();
        for (final String module : modules()) {
            found.addAll(under(module + "/src/" + kind + "/java", ".java"));
        }
        found.removeIf(path -> path.endsWith("package-info.java"));
        return found;
    }

    /** Every {@code reference.conf} and other configuration in resources of {@code main}. */
    static List<Path> configuration() {
        final List<Path> found = new ArrayList<>();
        for (final String module : modules()) {
            found.addAll(under(module + "/src/main/resources", ".conf"));
        }
        return found;
    }

    /** Pages: those at the root, and the documentation. */
    static List<Path> pages() {
        final List<Path> found = new ArrayList<>(under("docs", ".md"));
        try (Stream<Path> files = Files.list(ROOT)) {
            files.filter(path -> path.toString().endsWith(".md")).sorted().forEach(found::add);
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
        return found;
    }

    /** Scripts: the launcher, and all of {@code scripts}. */
    static List<Path> scripts() {
        final List<Path> found = new ArrayList<>(under("scripts", ""));
        found.add(file("cheshire"));
        return found;
    }

    private static List<Path> under(final String folder, final String end) {
        final Path start = file(folder);
        if (!Files.isDirectory(start)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(start)) {
            return files.filter(Files::isRegularFile)
                    .filter(path -> path.toString().endsWith(end))
                    .sorted()
                    .toList();
        } catch (final IOException cause) {
            throw new UncheckedIOException("cannot look through " + start, cause);
        }
    }

    static String read(final Path file) {
        try {
            return Files.readString(file);
        } catch (final IOException cause) {
            throw new UncheckedIOException("cannot read " + file, cause);
        }
    }

    static List<String> lines(final Path file) {
        return read(file).lines().toList();
    }

    /** Hands each match of the pattern to {@code use}, with {@code file:line} before it. */
    static void find(final List<Path> files, final Pattern pattern, final BiConsumer<String, MatchResult> use) {
        for (final Path file : files) {
            final List<String> lines = lines(file);
            for (int i = 0; i < lines.size(); i++) {
                final String place = place(file, i + 1);
                pattern.matcher(lines.get(i)).results().forEach(found -> use.accept(place, found));
            }
        }
    }

    static String place(final Path file, final int line) {
        return ROOT.relativize(file) + ":" + line;
    }

    /** The class that a Java file of {@code main} declares, such as {@code io.cheshire.router.core.Engine}. */
    static String className(final Path javaFile) {
        final String path = ROOT.relativize(javaFile).toString().replace('\\', '/');
        final String name =
                path.substring(path.indexOf("/java/") + "/java/".length(), path.length() - ".java".length());
        return name.replace('/', '.');
    }

    static String simpleName(final Path javaFile) {
        final String name = javaFile.getFileName().toString();
        return name.substring(0, name.length() - ".java".length());
    }
}
