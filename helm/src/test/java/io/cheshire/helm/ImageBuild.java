package io.cheshire.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * An image, packed by {@code dist/image} from a tree of files on a base that is made here, and taken apart again.
 *
 * @param digest what a registry would know it by
 * @param config of the container
 * @param layers those above the base's
 */
record ImageBuild(String digest, JsonNode config, List<Layer> layers) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * A layer.
     *
     * @param packedBytes as it is stored and sent
     * @param files       names of its files
     */
    record Layer(long packedBytes, List<String> files) {}

    /** Packs a tree, with nothing of an earlier build at hand; everything it makes is in {@code work}. */
    static ImageBuild of(final Path tree, final Path base, final Path work) throws IOException, InterruptedException {
        Files.createDirectories(work);
        run(
                Chart.root(),
                "./mvnw",
                "-q",
                "-B",
                "-f",
                "dist/image",
                "jib:buildTar",
                "-Dcheshire.image.base=tar://" + base,
                "-Dcheshire.image.tree=" + tree,
                "-Dcheshire.image.output=" + work,
                "-Djib.applicationCache=" + work.resolve("cache"),
                "-Djib.baseImageCache=" + work.resolve("base"));
        final Path parts = Files.createDirectories(work.resolve("parts"));
        run(parts, "tar", "-xf", work.resolve("cheshire-image.tar").toString());
        final JsonNode manifest =
                MAPPER.readTree(parts.resolve("manifest.json").toFile()).get(0);
        final List<Layer> layers = new ArrayList<>();
        for (final JsonNode layer : manifest.get("Layers")) {
            final Path packed = parts.resolve(layer.asText());
            layers.add(new Layer(Files.size(packed), names(packed, work.resolve("layer.tar"))));
        }
        return new ImageBuild(
                Files.readString(work.resolve("cheshire-image.digest")).strip(),
                MAPPER.readTree(parts.resolve(manifest.get("Config").asText()).toFile()),
                layers.subList(1, layers.size()));
    }

    private static List<String> names(final Path packed, final Path unpacked) throws IOException, InterruptedException {
        try (InputStream in = new GZIPInputStream(new BufferedInputStream(Files.newInputStream(packed)))) {
            Files.deleteIfExists(unpacked);
            Files.copy(in, unpacked);
        }
        return run(unpacked.getParent(), "tar", "-tf", unpacked.toString())
                .lines()
                .filter(name -> name.startsWith("app/") && !name.endsWith("/"))
                .sorted()
                .toList();
    }

    /** The smallest image there is: one layer with one file. */
    static Path base(final Path directory) throws IOException, InterruptedException {
        final Path root = Files.createDirectories(directory.resolve("root/etc"));
        Files.writeString(root.resolve("base"), "the tests' own\n");
        final Path layer = directory.resolve("layer.tar");
        run(
                directory,
                "tar",
                "--sort=name",
                "--mtime=@0",
                "--owner=0",
                "--group=0",
                "-cf",
                layer.toString(),
                "-C",
                "root",
                "etc");
        MAPPER.writeValue(
                directory.resolve("config.json").toFile(),
                Map.of(
                        "architecture",
                        "amd64",
                        "os",
                        "linux",
                        "config",
                        Map.of("Env", List.of("PATH=/usr/bin:/bin")),
                        "rootfs",
                        Map.of("type", "layers", "diff_ids", List.of("sha256:" + sha256(layer)))));
        MAPPER.writeValue(
                directory.resolve("manifest.json").toFile(),
                List.of(Map.of(
                        "Config", "config.json", "RepoTags", List.of("base:tests"), "Layers", List.of("layer.tar"))));
        final Path image = directory.resolve("base.tar");
        run(directory, "tar", "-cf", image.toString(), "manifest.json", "config.json", "layer.tar");
        return image;
    }

    private static String sha256(final Path file) throws IOException {
        try (OutputStream nowhere = OutputStream.nullOutputStream()) {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            Files.copy(file, new DigestOutputStream(nowhere, digest));
            return HexFormat.of().formatHex(digest.digest());
        } catch (final NoSuchAlgorithmException cause) {
            throw new IllegalStateException(cause);
        }
    }

    private static String run(final Path directory, final String... command) throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": " + output);
        }
        return output;
    }
}
