package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/** The ids that end an answer (docs/model.md §5.1). */
public final class StopIds {
    /** The family's end marks. A list in a config replaces none of these: a model that misses one babbles on. */
    private static final List<String> FAMILY = List.of("<|end|>", "<|endoftext|>", "<|assistant|>");

    private StopIds() {}

    /**
     * The union of {@code eos_token_id} in config.json and in generation_config.json, and the tokenizer's end token and
     * the family's end marks, as far as the tokenizer has them. What else generation_config.json says is not used: it
     * would change answers to requests that don't ask for it.
     *
     * @throws ModelException if an id is outside the vocabulary
     */
    public static NavigableSet<Integer> of(
            final ModelConfig config, final ModelDirectory directory, final TextSupport text) {
        final NavigableSet<Integer> ids = new TreeSet<>(config.eosTokenIds());
        final ObjectNode generation = TextJson.read(directory, ModelFile.GENERATION_CONFIG);
        final JsonNode eos = generation == null ? MissingNode.getInstance() : generation.path("eos_token_id");
        for (final JsonNode id : eos.isArray() ? eos : List.of(eos)) {
            if (id.isMissingNode() || id.isNull()) {
                continue;
            }
            if (!id.isInt()) {
                throw new ModelException(
                        ModelFile.GENERATION_CONFIG.fileName() + ": eos_token_id " + id + " is not a token id",
                        List.of());
            }
            ids.add(id.intValue());
        }
        switch (text) {
            case TextSupport.Available available -> {
                FAMILY.forEach(mark -> available.codec().addedTokenId(mark).ifPresent(ids::add));
                available.codec().addedTokenId(available.eosToken()).ifPresent(ids::add);
            }
            case TextSupport.TokenIdsOnly ignored -> {}
        }
        for (final int id : ids) {
            if (id < 0 || id >= config.vocabSize()) {
                throw new ModelException(
                        "stop id " + id + " is outside the vocabulary of " + config.vocabSize(), List.of());
            }
        }
        return ids;
    }
}
