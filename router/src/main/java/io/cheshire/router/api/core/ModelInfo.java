package io.cheshire.router.api.core;

import java.util.Set;

/**
 * What the API says and checks about the served model.
 *
 * @param id                   name under {@code /v1/models}; the only name requests may use
 * @param createdSeconds       Unix time shown under {@code created}
 * @param fingerprint          model fingerprint, shown as {@code system_fingerprint}
 * @param vocabSize            token ids are below this
 * @param contextTokens        longest sequence, prompt and output together
 * @param ropeBoundaryTokens   total length up to which LongRoPE uses its short table; 0 without LongRoPE
 * @param stopTokenIds         end a sequence unless {@code ignore_eos}
 */
public record ModelInfo(
        String id,
        long createdSeconds,
        String fingerprint,
        int vocabSize,
        int contextTokens,
        int ropeBoundaryTokens,
        Set<Integer> stopTokenIds) {
    public ModelInfo {
        stopTokenIds = Set.copyOf(stopTokenIds);
    }
}
