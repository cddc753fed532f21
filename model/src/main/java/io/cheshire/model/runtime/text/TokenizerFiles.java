package io.cheshire.model.runtime.text;

import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Loads the tokenizer and the chat template of a model directory. */
public final class TokenizerFiles {
    static final int PROBE_CHARS = 8192;
    /** Each repeated to {@link #PROBE_CHARS}: what is known to make merges or a regex slow. */
    private static final List<String> PROBES =
            List.of("a", "^", " ", "\n", "e\u0301", "\uD83D\uDC69\u200D", "1", "aA1 ");

    private TokenizerFiles() {}

    /** Loads from a directory of which nothing else is served. */
    public static TextSupport load(final Path directory, final int vocabSize, final TextLimits limits) {
        return load(ModelDirectory.open(directory), vocabSize, limits);
    }

    /**
     * Reads {@code tokenizer.json}, what the files beside it ask of it, and the chat template.
     *
     * @param directory the gate of the checkpoint that is served
     * @param vocabSize of the model's config: no token id may reach it
     * @throws ModelException if a file is there but cannot be used; the message names the entry and the limit
     */
    public static TextSupport load(final ModelDirectory directory, final int vocabSize, final TextLimits limits) {
        return load(directory, vocabSize, limits, ChatTemplateChoice.MODEL);
    }

    /**
     * As above, with another chat template.
     *
     * @param chatTemplate {@code model}: the model's own; {@code none}: serve without chat; else a file
     */
    public static TextSupport load(
            final ModelDirectory directory, final int vocabSize, final TextLimits limits, final String chatTemplate) {
        final byte[] bytes = directory.read(ModelFile.TOKENIZER);
        if (bytes == null) {
            return new TextSupport.TokenIdsOnly(directory + " has no tokenizer.json: the model is served for token-id"
                    + " prompts only. Convert its tokenizer to tokenizer.json to send and receive text.");
        }
        final TokenizerFlags flags = TokenizerFlags.read(directory);
        final TokenizerConfig config = ChatTemplateChoice.of(chatTemplate, directory, flags);
        final TokenizerJson json = TokenizerJson.parse(bytes, vocabSize, flags::appliedTo);
        final TextCodec codec = withinBudget(json, limits);
        try {
            TokenizerCheck.requireAsAsked(codec, json, flags);
            return new TextSupport.Available(codec, new ChatPrompts(codec, config, limits), config.eosToken());
        } catch (final RuntimeException e) {
            codec.close();
            throw e;
        }
    }

    /**
     * Runs on a thread of its own, since the native call can only be abandoned, not ended. What counts is the time for
     * which that thread had a core: on a busy host a good tokenizer may wait for one much longer.
     */
    private static TextCodec withinBudget(final TokenizerJson json, final TextLimits limits) {
        final FutureTask<TextCodec> task = new FutureTask<>(() -> {
            final TextCodec codec = new TextCodec(json, limits.maxTextBytes());
            for (final String probe : PROBES) {
                codec.encode(probe.repeat(PROBE_CHARS / probe.length()), true, false);
            }
            return codec;
        });
        final Thread probe =
                Thread.ofPlatform().daemon().name("tokenizer-probe").unstarted(task);
        final ProbeTime time = new ProbeTime(limits.probeBudget(), probe.threadId());
        probe.start();
        try {
            while (true) {
                try {
                    return task.get(time.nextLookNs(), TimeUnit.NANOSECONDS);
                } catch (final TimeoutException notYet) {
                    time.look();
                }
            }
        } catch (final ExecutionException failed) {
            if (failed.getCause() instanceof ModelException known) {
                throw known;
            }
            throw new ModelException(
                    "tokenizer.json: the tokenizer library refuses it: " + failed.getMessage(), failed);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ModelException("interrupted while loading tokenizer.json", interrupted);
        }
    }
}
