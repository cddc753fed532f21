package io.cheshire.model.testing;

import java.nio.file.Path;

/** Where tests find the models of the repository. */
public final class ModelPaths {
    private ModelPaths() {}

    /** The repository. */
    public static Path root() {
        return Path.of(System.getProperty("cheshire.root", ".."))
                .toAbsolutePath()
                .normalize();
    }

    /** The small trained checkpoint. */
    public static Path cheshireMini() {
        return Path.of(System.getProperty("cheshire.root", ".."), "models", "cheshire-mini");
    }
}
