package io.cheshire.http.runtime;

import io.cheshire.http.core.AnswerWriter;
import io.cheshire.http.core.ChoiceEnd;
import io.cheshire.http.core.ChoiceState;
import io.cheshire.http.core.ShownPart;
import io.cheshire.http.core.Usage;
import java.io.IOException;
import java.util.List;

/** Chats and completions: choices, in chunks or all at once. */
record ChoicesForm(AnswerWriter writer, ResponseSink sink, boolean includesUsage) implements AnswerForm {
    private static final List<ShownPart> NO_PARTS = List.of();

    @Override
    public void opened(final int sequence, final ChoiceState choice, final Usage soFar) throws IOException {
        writer.takePrompt(sequence, choice);
        if (writer.hasOpening()) {
            sink.event(json -> writer.opening(json, sequence, soFar));
        }
    }

    @Override
    public void part(final int sequence, final List<ShownPart> parts, final Usage soFar) throws IOException {
        if (writer.take(sequence, parts)) {
            sink.event(json -> writer.delta(json, sequence, parts, null, soFar));
        }
    }

    @Override
    public void ended(final int sequence, final ChoiceState choice, final Usage soFar) throws IOException {
        final ChoiceEnd ended = writer.end(sequence, choice);
        writer.takeEnd(sequence);
        sink.event(json -> writer.delta(json, sequence, NO_PARTS, ended, soFar));
    }

    @Override
    public void finished(final Usage usage) throws IOException {
        if (includesUsage) {
            sink.event(json -> writer.usageChunk(json, usage));
        }
        sink.finishStream();
    }

    @Override
    public void whole(final List<ChoiceState> choices, final Usage usage) throws IOException {
        sink.whole(json -> writer.whole(json, choices, usage));
    }
}
