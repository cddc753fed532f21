package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.runtime.device.DeviceJob;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One row through one resident unit, whose answer no router gets: so that the copies of a unit can be compared. The
 * node's thread waits until nothing of a router's waits, the device computes. Kernels are closed on the device behind
 * the jobs that use them, so the kernel stays open.
 */
final class UnitProbe implements DeviceJob {
    final ExpertKey key;
    final CompletableFuture<String> outcome;
    /** When to give up waiting for a pause in the work of routers. */
    final long deadlineNs;

    private final long seed;
    private final int hidden;
    private @Nullable ExpertKernel kernel;

    UnitProbe(
            final ExpertKey key,
            final long seed,
            final int hidden,
            final long deadlineNs,
            final CompletableFuture<String> outcome) {
        this.key = key;
        this.seed = seed;
        this.hidden = hidden;
        this.deadlineNs = deadlineNs;
        this.outcome = outcome;
    }

    /** Before it is submitted. */
    void on(final ExpertKernel resident) {
        kernel = resident;
    }

    @Override
    public boolean begin() {
        final ExpertKernel resident = kernel;
        if (resident == null) {
            throw new IllegalStateException("no kernel to ask for " + key);
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment answer = ProbeRow.forward(resident, hidden, seed, arena);
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(answer.asByteBuffer());
            outcome.complete(HexFormat.of().formatHex(digest.digest()));
            return true;
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public void failed(final Throwable cause) {
        outcome.completeExceptionally(cause);
    }

    void refuse(final String why) {
        outcome.completeExceptionally(new IllegalStateException(why));
    }
}
