package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.core.ChoiceState;
import io.cheshire.http.core.ResponseAnswer;
import io.cheshire.http.core.ShownPart;
import io.cheshire.http.core.Usage;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** Responses: events with names, or the whole at once; kept before their end is told. */
final class ResponseForm implements AnswerForm {
    private final ResponseAnswer answer;
    private final ResponseSink sink;
    private final Predicate<ObjectNode> kept;
    private boolean isCut;

    ResponseForm(final ResponseAnswer answer, final ResponseSink sink, final Predicate<ObjectNode> kept) {
        this.answer = answer;
        this.sink = sink;
        this.kept = kept;
    }

    @Override
    public void opened(final int sequence, final ChoiceState choice, final Usage soFar) throws IOException {
        write(answer.begin());
    }

    @Override
    public void part(final int sequence, final List<ShownPart> parts, final Usage soFar) throws IOException {
        write(answer.push(parts));
    }

    @Override
    public void ended(final int sequence, final ChoiceState choice, final Usage soFar) {
        isCut = "length".equals(choice.finishReason());
    }

    @Override
    public void finished(final Usage usage) throws IOException {
        final List<ObjectNode> last = answer.end(isCut, usage);
        if (!kept.test(answer.response())) {
            answer.notStored(last);
        }
        write(last);
        sink.endStream();
    }

    @Override
    public void whole(final List<ChoiceState> choices, final Usage usage) throws IOException {
        final ChoiceState choice = choices.getFirst();
        answer.push(choice.parts());
        final List<ObjectNode> last = answer.end("length".equals(choice.finishReason()), usage);
        if (!kept.test(answer.response())) {
            answer.notStored(last);
        }
        sink.whole(json -> json.writeTree(answer.response()));
    }

    private void write(final List<ObjectNode> events) throws IOException {
        for (final ObjectNode event : events) {
            sink.event(event.get("type").textValue(), json -> json.writeTree(event));
        }
    }
}
