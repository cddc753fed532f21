package io.cheshire.http.core;

import io.cheshire.http.protocol.ScoreRequest;
import io.cheshire.http.protocol.SegmentFields;
import io.cheshire.model.protocol.ScoreHead;
import org.jspecify.annotations.Nullable;

/** What is asked of a head that scores, and which head that is. */
public record ScoreCall(ScoreRequest request, ScoreHead head) {
    /** Where rewards of an input are wanted; null: everywhere, without segments. */
    @Nullable
    SegmentFields segments(final int input) {
        return request.segments().isEmpty()
                ? null
                : request.segments().get(request.segments().size() == 1 ? 0 : input);
    }
}
