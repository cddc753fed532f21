package io.cheshire.model.runtime.text;

import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What a server makes of text depends on these files, byte by byte as they were read. Two routers that differ here
 * answer the same request differently, so a client has to be able to tell.
 */
public final class TextDigest {
    private static final List<ModelFile> FILES = List.of(
            ModelFile.TOKENIZER,
            ModelFile.TOKENIZER_CONFIG,
            ModelFile.SPECIAL_TOKENS_MAP,
            ModelFile.ADDED_TOKENS,
            ModelFile.CHAT_TEMPLATE,
            ModelFile.GENERATION_CONFIG);

    private TextDigest() {}

    /**
     * Over the names and digests of the files about text that were read, and of the chat template that is rendered,
     * which may be none of these: to be asked for when tokenizer, template and stop ids are loaded.
     *
     * @param text loaded from that directory
     * @return 64 hexadecimal digits
     */
    public static String of(final ModelDirectory directory, final TextSupport text) {
        final StringBuilder facts = new StringBuilder("cheshire-text 2\n");
        for (final ModelFile file : FILES) {
            final String sha256 = directory.sha256Of(file);
            if (sha256 != null) {
                facts.append(file.fileName()).append(' ').append(sha256).append('\n');
            }
        }
        if (text instanceof final TextSupport.Available available) {
            facts.append("rendered ").append(available.chat().templateSha256()).append('\n');
        }
        return sha256(facts.toString());
    }

    /** Of UTF-8, in lower-case hexadecimal. */
    static String sha256(final String text) {
        try {
            final byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
