package io.cheshire.chaos.sim.link;

import io.cheshire.transport.protocol.FrameFilter;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameVerdict;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.ResultDecoder;
import org.agrona.DirectBuffer;

/** A planted bug: a Result that is damaged passes all the same, as far as it can be read without a crash. */
final class OpenGate implements FrameFilter {
    private final FrameFilter inner;
    private final ModelIdentity model;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ResultDecoder result = new ResultDecoder();

    OpenGate(final FrameFilter inner, final ModelIdentity model) {
        this.inner = inner;
        this.model = model;
    }

    @Override
    public FrameVerdict check(final DirectBuffer buffer, final int offset, final int length) {
        final FrameVerdict verdict = inner.check(buffer, offset, length);
        final boolean readable = length == FrameLayout.ROWS_OFFSET + model.resultRowBytes()
                && FrameLayout.templateId(buffer, offset) == ResultDecoder.TEMPLATE_ID
                && result.wrapAndApplyHeader(buffer, offset, header).rowCount() == 1;
        return readable ? FrameVerdict.VALID : verdict;
    }

    @Override
    public long count(final FrameVerdict verdict) {
        return inner.count(verdict);
    }

    @Override
    public long rejectCount() {
        return inner.rejectCount();
    }
}
