package io.cheshire.http.runtime;

import io.cheshire.http.core.ChoiceState;
import io.cheshire.http.core.ShownPart;
import io.cheshire.http.core.Usage;
import java.io.IOException;
import java.util.List;

/** How an endpoint's answers are written to their sink. Used by the call's thread only. */
interface AnswerForm {
    /** Of a stream: the prompt of a sequence is computed; its choice has the scores, until they are written. */
    void opened(int sequence, ChoiceState choice, Usage soFar) throws IOException;

    /** Of a stream: a sequence goes on. */
    void part(int sequence, List<ShownPart> parts, Usage soFar) throws IOException;

    /** Of a stream: a sequence is over. */
    void ended(int sequence, ChoiceState choice, Usage soFar) throws IOException;

    /** Of a stream: all are. */
    void finished(Usage usage) throws IOException;

    /** The whole answer at once. */
    void whole(List<ChoiceState> choices, Usage usage) throws IOException;
}
