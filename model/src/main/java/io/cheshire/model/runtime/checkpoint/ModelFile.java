package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.ModelConfigParser;
import io.cheshire.model.protocol.safetensors.ShardIndex;

/**
 * Every file of a model directory that is read whole, and the longest that is. {@link ModelDirectory} reads no others,
 * so what holds for all model files (links, sizes, the manifest, digests) holds for a new one as soon as it stands
 * here.
 */
public enum ModelFile {
    /** Shapes and classes. */
    CONFIG("config.json", ModelConfigParser.MAX_CONFIG_BYTES),
    /** Which shard holds which tensor. */
    INDEX(ShardIndex.FILE_NAME, ShardIndex.MAX_INDEX_BYTES),
    /** More stop ids. */
    GENERATION_CONFIG("generation_config.json", 1 << 20),
    /** Vocabulary, merges, added tokens. */
    TOKENIZER("tokenizer.json", 64 << 20),
    /** Flags of the tokenizer, its special tokens, the chat template. */
    TOKENIZER_CONFIG("tokenizer_config.json", 8 << 20),
    /** The special tokens once more, as older libraries wrote them. */
    SPECIAL_TOKENS_MAP("special_tokens_map.json", 1 << 20),
    /** Ids of added tokens once more, as older libraries wrote them. */
    ADDED_TOKENS("added_tokens.json", 1 << 20),
    /** The chat template; wins over the one in {@link #TOKENIZER_CONFIG}. */
    CHAT_TEMPLATE("chat_template.jinja", 1 << 20);

    private final String fileName;
    private final int maxBytes;

    ModelFile(final String fileName, final int maxBytes) {
        this.fileName = fileName;
        this.maxBytes = maxBytes;
    }

    /** Its name in a model directory. */
    public String fileName() {
        return fileName;
    }

    /** Longer ones are refused before they are read. */
    public int maxBytes() {
        return maxBytes;
    }
}
