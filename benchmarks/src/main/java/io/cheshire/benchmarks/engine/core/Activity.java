package io.cheshire.benchmarks.engine.core;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a thread of the engine spends its time on. Every nanosecond of a thread belongs to exactly one. */
public enum Activity {
    EMBED(Part.ATTENTION, "embedding rows"),
    QKV(Part.ATTENTION, "q, k, v projections"),
    APPEND(Part.ATTENTION, "RoPE, append to KV"),
    ATTEND(Part.ATTENTION, "attention over the KV cache"),
    OUTPUT(Part.ATTENTION, "output projection"),
    GATE(Part.GATE, "residual, norm, router logits, SparseMixer"),
    DISPATCH(Part.DISPATCH, "gather rows, encode, offer"),
    NODE_TRANSFER(Part.DISPATCH, "expert nodes: take frames, queue, answer"),
    DATA_PLANE(Part.DISPATCH, "media driver and client"),
    EXPERT_COMPUTE(Part.EXPERT_COMPUTE, "FFN of the units"),
    RECEIVE(Part.COMBINE, "poll, check, copy results in"),
    COMBINE(Part.COMBINE, "weighted sum, residual, next norm"),
    HEAD(Part.LOGITS, "head"),
    SAMPLING(Part.SAMPLING, "sampler"),
    ENGINE(Part.ENGINE, "scheduler, exchange, lanes, listeners"),
    DEVICE_JOBS(Part.ENGINE, "device queue and what jobs do around kernels"),
    POLLING(Part.IDLE, "polls that found nothing"),
    PARKED(Part.IDLE, "idle strategy");

    /** The words of the report. */
    public enum Part {
        ATTENTION,
        GATE,
        DISPATCH,
        EXPERT_COMPUTE,
        COMBINE,
        LOGITS,
        SAMPLING,
        ENGINE,
        /** Nothing to do: waiting for another thread, or for a request. */
        IDLE;

        /** For people. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private final Part part;
    private final String label;

    Activity(final Part part, final String label) {
        this.part = part;
        this.label = label;
    }

    /** The activities of a part, in order. */
    public static List<Activity> of(final Part part) {
        return Arrays.stream(values()).filter(activity -> activity.part == part).toList();
    }

    public Part part() {
        return part;
    }

    /** For people. */
    public String label() {
        return label;
    }

    /** For machines. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
