package io.cheshire.model.runtime.device;

import io.cheshire.model.core.kernel.StepBatch;

/** How long a device takes, for those who must know before a job runs: simulations. */
public interface JobTimes {
    /** One layer of a step on a router. */
    long attentionNs(int layer, StepBatch batch);

    /** Head and sampler of a step on a router. */
    long logitsNs(StepBatch batch);

    /** So many rows of one unit on a node. */
    long expertNs(int rowCount);
}
