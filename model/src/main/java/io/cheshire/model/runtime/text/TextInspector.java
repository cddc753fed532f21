package io.cheshire.model.runtime.text;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ManifestPolicy;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import java.nio.file.Path;
import java.util.List;

/** Reports on tokenizer, chat template and stop ids of a directory, by loading them as a router does. */
public final class TextInspector {
    private TextInspector() {}

    /**
     * Everything that would keep a router from serving text.
     *
     * @param config of that directory
     */
    public static List<String> problems(final Path directory, final ModelConfig config) {
        try {
            // The digests of a manifest are checked by whoever reads everything; here its names count.
            final ModelDirectory models = ModelDirectory.open(directory, ManifestPolicy.TRUST);
            try (TextSupport text = TokenizerFiles.load(models, config.vocabSize(), TextLimits.defaults())) {
                StopIds.of(config, models, text);
            }
            return List.of();
        } catch (final ModelException e) {
            return e.problems().isEmpty() ? List.of(String.valueOf(e.getMessage())) : e.problems();
        }
    }
}
