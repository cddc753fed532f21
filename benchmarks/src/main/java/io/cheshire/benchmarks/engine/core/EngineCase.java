package io.cheshire.benchmarks.engine.core;

/**
 * One thing to measure.
 *
 * @param promptTokens    tokens of each prompt
 * @param generatedTokens tokens of each sequence that are counted, once all sequences decode
 * @param batch           sequences at once
 */
public record EngineCase(int promptTokens, int generatedTokens, int batch) {
    @Override
    public String toString() {
        return batch + " x " + promptTokens + " tokens, " + generatedTokens + " generated";
    }
}
