package io.cheshire.planner.runtime.calibrate;

import io.cheshire.model.core.kernel.RouterStage;
import io.cheshire.model.core.kernel.StageListener;

/** Divides a layer's call between attention over the cache and all else. Device thread. */
final class StageTimes implements StageListener {
    private long sinceNs;
    private long attentionNs;
    private long projectionNs;

    /** A call begins. */
    void begin() {
        attentionNs = 0;
        projectionNs = 0;
        sinceNs = System.nanoTime();
    }

    @Override
    public void done(final RouterStage stage) {
        final long nowNs = System.nanoTime();
        switch (stage) {
            case APPEND, ATTEND -> attentionNs += nowNs - sinceNs;
            case EMBED, COMBINE, QKV, OUTPUT, GATE, FINAL_COMBINE, HEAD -> projectionNs += nowNs - sinceNs;
        }
        sinceNs = nowNs;
    }

    /** The call has ended. */
    void end() {
        projectionNs += System.nanoTime() - sinceNs;
    }

    double attentionNs() {
        return attentionNs;
    }

    double projectionNs() {
        return projectionNs;
    }
}
