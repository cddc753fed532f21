package io.cheshire.router.api.core;

import io.cheshire.router.core.TokenScores;
import org.jspecify.annotations.Nullable;

/**
 * A token as a response shows it.
 *
 * @param tokenId    its id
 * @param textOffset characters of this choice's text before it
 * @param scores     null where none exist (first prompt token) or none were asked for
 */
public record ScoredToken(
        int tokenId, int textOffset, @Nullable TokenScores scores) {}
