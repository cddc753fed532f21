package io.cheshire.model.runtime.text;

import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.StrictJson;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The setting {@code cheshire.model.chat-template}: the model's own template, none, or one from a file. That file is
 * the operator's, wherever it lies: the gate of the model directory says nothing about it, so its size is watched here.
 */
final class ChatTemplateChoice {
    /** The model's own. */
    static final String MODEL = "model";

    private static final String NONE = "none";
    private static final int MAX_BYTES = ModelFile.CHAT_TEMPLATE.maxBytes();

    private ChatTemplateChoice() {}

    /**
     * Where another template is chosen, the model's own isn't looked at.
     *
     * @throws ModelException if the template cannot be read or is too long
     */
    static TokenizerConfig of(final String choice, final ModelDirectory directory, final TokenizerFlags flags) {
        return switch (choice) {
            case MODEL -> TokenizerConfig.of(directory, flags);
            case NONE -> with(flags, null);
            default -> with(flags, read(choice));
        };
    }

    private static TokenizerConfig with(final TokenizerFlags flags, final @Nullable String template) {
        return new TokenizerConfig(
                flags.specials().text(SpecialTokens.BOS), flags.specials().text(SpecialTokens.EOS), template);
    }

    private static String read(final String file) {
        try {
            final Path path = Path.of(file);
            // A pipe or a device might never end.
            if (!Files.isRegularFile(path)) {
                throw refused(file, "is not a file; name one, or \"model\", or \"none\"");
            }
            final byte[] bytes;
            try (InputStream in = Files.newInputStream(path)) {
                bytes = in.readNBytes(MAX_BYTES + 1);
            }
            if (bytes.length > MAX_BYTES) {
                throw refused(file, "has more than " + MAX_BYTES + " bytes, which is the limit");
            }
            final String template = StrictJson.decodeUtf8(bytes);
            if (template.length() > TokenizerConfig.MAX_TEMPLATE_CHARS) {
                throw refused(
                        file,
                        "has " + template.length() + " characters; the limit is " + TokenizerConfig.MAX_TEMPLATE_CHARS);
            }
            return template;
        } catch (final InvalidPathException e) {
            throw refused(file, "is not a file name");
        } catch (final CharacterCodingException e) {
            throw refused(file, "is not valid UTF-8");
        } catch (final IOException e) {
            throw refused(file, "cannot be read: " + e.getMessage());
        }
    }

    private static ModelException refused(final String file, final String why) {
        return new ModelException("chat template " + file + " (cheshire.model.chat-template) " + why, List.of());
    }
}
