package io.cheshire.model.runtime.text;

import io.cheshire.model.testing.ModelPaths;
import java.nio.file.Path;

/** The model that comes with the repository. */
public final class MiniModel {
    public static final int VOCAB_SIZE = 4096;

    private MiniModel() {}

    public static Path directory() {
        return ModelPaths.cheshireMini();
    }

    public static TextSupport.Available text() {
        return (TextSupport.Available) TokenizerFiles.load(directory(), VOCAB_SIZE, TextLimits.defaults());
    }
}
