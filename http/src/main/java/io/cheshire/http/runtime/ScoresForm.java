package io.cheshire.http.runtime;

import io.cheshire.http.core.ChoiceState;
import io.cheshire.http.core.ScoreAnswer;
import io.cheshire.http.core.ShownPart;
import io.cheshire.http.core.Usage;
import java.io.IOException;
import java.util.List;

/** Scores, which are never a stream. */
record ScoresForm(ScoreAnswer answer, ResponseSink sink) implements AnswerForm {
    @Override
    public void opened(final int sequence, final ChoiceState choice, final Usage soFar) {}

    @Override
    public void part(final int sequence, final List<ShownPart> parts, final Usage soFar) {}

    @Override
    public void ended(final int sequence, final ChoiceState choice, final Usage soFar) {}

    @Override
    public void finished(final Usage usage) {
        throw new IllegalStateException("scores are never a stream");
    }

    @Override
    public void whole(final List<ChoiceState> choices, final Usage usage) throws IOException {
        sink.whole(json -> answer.write(json, choices, usage));
    }
}
