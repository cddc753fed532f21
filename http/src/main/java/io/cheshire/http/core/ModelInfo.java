package io.cheshire.http.core;

import io.cheshire.model.protocol.ScoreHead;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the API says and checks about the served model.
 *
 * @param id                   the first name under {@code /v1/models}, which answers bear
 * @param aliases              further names that requests may use
 * @param createdSeconds       Unix time shown under {@code created}
 * @param fingerprint          model fingerprint, shown as {@code system_fingerprint}
 * @param vocabSize            token ids are below this
 * @param contextTokens        longest sequence, prompt and output together
 * @param ropeBoundaryTokens   total length up to which LongRoPE uses its short table; 0 without LongRoPE
 * @param stopTokenIds         end a sequence unless {@code ignore_eos}
 * @param head                 scores texts instead of going on with them; null: a language model
 */
public record ModelInfo(
        String id,
        List<String> aliases,
        long createdSeconds,
        String fingerprint,
        int vocabSize,
        int contextTokens,
        int ropeBoundaryTokens,
        Set<Integer> stopTokenIds,
        @Nullable ScoreHead head) {
    public ModelInfo {
        aliases = List.copyOf(aliases);
        stopTokenIds = Set.copyOf(stopTokenIds);
    }

    /** A model with one name. */
    public ModelInfo(
            final String id,
            final long createdSeconds,
            final String fingerprint,
            final int vocabSize,
            final int contextTokens,
            final int ropeBoundaryTokens,
            final Set<Integer> stopTokenIds) {
        this(
                id,
                List.of(),
                createdSeconds,
                fingerprint,
                vocabSize,
                contextTokens,
                ropeBoundaryTokens,
                stopTokenIds,
                null);
    }

    /** The same with a head that scores. */
    public ModelInfo scoring(final ScoreHead scoreHead) {
        return new ModelInfo(
                id,
                aliases,
                createdSeconds,
                fingerprint,
                vocabSize,
                contextTokens,
                ropeBoundaryTokens,
                stopTokenIds,
                scoreHead);
    }

    /** Every name that requests may use, the first one first. */
    public List<String> names() {
        return Stream.concat(Stream.of(id), aliases.stream()).toList();
    }

    /** Requests may use this name. */
    public boolean isNamed(final String name) {
        return id.equals(name) || aliases.contains(name);
    }
}
