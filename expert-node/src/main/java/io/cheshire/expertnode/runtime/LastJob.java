package io.cheshire.expertnode.runtime;

import io.cheshire.model.runtime.device.DeviceJob;
import java.util.List;
import org.agrona.LangUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last that a device does for a node: frees what the node owns, behind all jobs that use it. One part that can't be
 * freed keeps no other.
 */
final class LastJob implements DeviceJob {
    private static final Logger LOG = LoggerFactory.getLogger(LastJob.class);

    private final int nodeId;
    private final List<Runnable> parts;
    private int failures;

    /** @param parts each frees something; run in order */
    LastJob(final int nodeId, final List<Runnable> parts) {
        this.nodeId = nodeId;
        this.parts = List.copyOf(parts);
    }

    @Override
    public boolean begin() {
        Throwable first = null;
        for (final Runnable part : parts) {
            try {
                part.run();
            } catch (final RuntimeException | Error cause) {
                failures++;
                first = first == null ? cause : first;
            }
        }
        if (first != null) {
            LangUtil.rethrowUnchecked(first);
        }
        return true;
    }

    @Override
    public void failed(final Throwable cause) {
        LOG.error("node {} can't free {} of {} parts, first of all because", nodeId, failures, parts.size(), cause);
    }
}
