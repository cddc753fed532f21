package io.cheshire.http.runtime;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AttributeKey;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Requests of one listener from their headers to the last byte of their replies: how many, and what each holds of the
 * {@link BodyBudget}. Thread-safe.
 */
final class InFlight {
    private static final AttributeKey<BodyBudget.Charge> CHARGE = AttributeKey.valueOf(InFlight.class, "CHARGE");
    private static final AttributeKey<Runnable> ON_EVICTED = AttributeKey.valueOf(InFlight.class, "ON_EVICTED");

    private final BodyBudget budget;
    private final AtomicInteger count = new AtomicInteger();

    InFlight(final BodyBudget budget) {
        this.budget = budget;
    }

    /** Counts a request until it has ended; false if there is no room for it, and it is only counted. */
    boolean begin(final ServiceRequestContext ctx) {
        count.incrementAndGet();
        final BodyBudget.Charge charge = budget.open(() -> ctx.eventLoop().execute(() -> evict(ctx)));
        if (charge != null) {
            ctx.setAttr(CHARGE, charge);
        }
        var _ = ctx.log().whenComplete().thenRun(() -> {
            count.decrementAndGet();
            if (charge != null) {
                charge.close();
            }
        });
        return charge != null;
    }

    int count() {
        return count.get();
    }

    /** Of a request for which {@link #begin} found room. */
    static BodyBudget.Charge chargeOf(final ServiceRequestContext ctx) {
        return Objects.requireNonNull(ctx.attr(CHARGE));
    }

    /** How the request ends when it has to make room: by default its reply is dropped. On its event loop. */
    static void onEvicted(final ServiceRequestContext ctx, final Runnable end) {
        ctx.setAttr(ON_EVICTED, end);
    }

    private static void evict(final ServiceRequestContext ctx) {
        final Runnable end = ctx.attr(ON_EVICTED);
        if (end == null) {
            ctx.cancel();
        } else {
            end.run();
        }
    }
}
