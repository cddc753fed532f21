package io.cheshire.ops.core.doctor;

import static io.cheshire.ops.core.doctor.Finding.fail;
import static io.cheshire.ops.core.doctor.Finding.ok;
import static io.cheshire.ops.core.doctor.Finding.unknown;
import static io.cheshire.ops.core.doctor.Finding.warn;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Rules for the system beneath, and for the configuration. */
final class SystemJudge {
    /** Aeron asks for as much by default, and refuses to start with less than a window of it. */
    private static final long AERON_BUFFER_BYTES = 128 << 10;
    /** Bursts of several routers wait here while the driver's thread has no core. */
    private static final long GOOD_BUFFER_BYTES = 2 << 20;
    /** Connections of clients and operators, lifelines, model files, jars, and room. */
    private static final long LEAST_FILES = 1_024;

    private static final long GOOD_FILES = 4_096;
    private static final Set<String> SLOW_CLOCKS = Set.of("hpet", "acpi_pm", "jiffies", "refined-jiffies");
    private static final double SLOW_READ_NS = 300;

    private SystemJudge() {}

    static Finding socketBuffers(final HostFacts.SocketBuffers buffers, final Needs needs) {
        if (buffers.receive() < 0 || buffers.send() < 0) {
            return unknown("socket buffers");
        }
        final String found =
                "net.core.rmem_max " + SizeText.of(buffers.receive()) + ", wmem_max " + SizeText.of(buffers.send());
        final long least = Math.min(buffers.receive(), buffers.send());
        if (!needs.usesNetwork()) {
            return ok("socket buffers", found + "; rows don't leave this host");
        }
        if (least < AERON_BUFFER_BYTES) {
            return fail(
                    "socket buffers",
                    found + ", and Aeron asks for " + SizeText.of(AERON_BUFFER_BYTES) + " at least",
                    "sysctl -w net.core.rmem_max=" + GOOD_BUFFER_BYTES + " net.core.wmem_max=" + GOOD_BUFFER_BYTES);
        }
        return least < GOOD_BUFFER_BYTES
                ? warn(
                        "socket buffers",
                        found,
                        "sysctl -w net.core.rmem_max=" + GOOD_BUFFER_BYTES + " net.core.wmem_max=" + GOOD_BUFFER_BYTES
                                + ": what comes while the driver has no core is lost otherwise, and sent again")
                : ok("socket buffers", found);
    }

    static Finding clock(final HostFacts.Clock clock) {
        final String found = (clock.source().isEmpty() ? "clock" : clock.source())
                + String.format(Locale.ROOT, ", read in %.0f ns", clock.readNs())
                + (clock.synchronised() == null ? "" : clock.synchronised() ? ", synchronised" : ", not synchronised");
        if (SLOW_CLOCKS.contains(clock.source()) || clock.readNs() > SLOW_READ_NS) {
            return warn(
                    "clock",
                    found,
                    "choose tsc or the hypervisor's clock (/sys/devices/system/clocksource): the token path reads it"
                            + " for every frame");
        }
        return Boolean.FALSE.equals(clock.synchronised())
                ? warn(
                        "clock",
                        found,
                        "run chrony or systemd-timesyncd: nothing is decided by it, but logs and certificates of hosts"
                                + " that disagree do")
                : ok("clock", found);
    }

    static Finding openFiles(final ProcessFacts.Limits limits) {
        if (limits.openFiles() < 0) {
            return unknown("limits");
        }
        final String found = limits.openFiles() + " open files"
                + (limits.lockedBytes() < 0
                        ? ""
                        : ", " + SizeText.of(limits.lockedBytes()) + " locked (none is needed)");
        final String remedy = "ulimit -n " + GOOD_FILES + ", LimitNOFILE= of the unit, or the container's ulimit:"
                + " each client is one, and 1,024 may be connected";
        if (limits.openFiles() < LEAST_FILES) {
            return fail("limits", found, remedy);
        }
        return limits.openFiles() < GOOD_FILES ? warn("limits", found, remedy) : ok("limits", found);
    }

    static Finding settings(final List<String> problems) {
        return problems.isEmpty()
                ? ok("settings", "no problem")
                : fail(
                        "settings",
                        String.join("; ", problems),
                        "every key stands in a module's reference.conf with its meaning; a start refuses the same");
    }
}
