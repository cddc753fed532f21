package io.cheshire.ops.runtime.process;

import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.core.link.RouterEnd;
import io.cheshire.transport.protocol.FrameVerdict;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** Meters of a router's end of the data plane: links, handshakes and lifelines, and what its gate let pass or not. */
final class TransportMeters {
    private TransportMeters() {}

    static void bind(final MeterRegistry registry, final RouterEnd transport) {
        for (final TransportCounter counter : TransportCounter.values()) {
            FunctionCounter.builder(
                            "cheshire.transport.count",
                            transport,
                            t -> t.counters().get(counter))
                    .tag("what", tag(counter))
                    .description("What became of frames, handshakes and links since start")
                    .register(registry);
        }
        for (final FrameVerdict verdict : FrameVerdict.values()) {
            FunctionCounter.builder(
                            "cheshire.transport.frames",
                            transport,
                            t -> t.gate().count(verdict))
                    .tag("verdict", tag(verdict))
                    .description("Frames that came from nodes, by what the gate said of them")
                    .register(registry);
        }
    }

    private static String tag(final Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
