package io.cheshire.ops.core.doctor;

import io.cheshire.ops.core.doctor.Finding.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All that was found of a host, in the order in which it is told.
 *
 * @param findings each thing
 */
public record Examination(List<Finding> findings) {
    private static final String INDENT = "       ";
    private static final int COLUMNS = 120;

    public Examination {
        findings = List.copyOf(findings);
    }

    /**
     * Facts of every kind.
     *
     * @param jvm         of this process
     * @param kernels     opened
     * @param cores       of this process
     * @param limits      of this process
     * @param temporary   directory
     * @param host        of the host
     * @param driverFiles null where the configuration couldn't be read
     * @param network     null likewise
     * @param model       what lies there
     * @param problems    of the settings
     */
    public record Facts(
            ProcessFacts.Jvm jvm,
            ProcessFacts.Kernels kernels,
            ProcessFacts.Cores cores,
            ProcessFacts.Limits limits,
            ProcessFacts.Temporary temporary,
            Host host,
            HostFacts.@Nullable DriverFiles driverFiles,
            @Nullable NetworkFacts network,
            ModelFacts model,
            List<String> problems) {
        public Facts {
            problems = List.copyOf(problems);
        }
    }

    /**
     * Facts of the host.
     *
     * @param hugePages mode of the kernel's transparent huge pages; empty: unknown
     */
    public record Host(
            HostFacts.Cpu cpu,
            HostFacts.Memory memory,
            HostFacts.Bandwidth bandwidth,
            HostFacts.Numa numa,
            String hugePages,
            HostFacts.SocketBuffers buffers,
            HostFacts.Clock clock,
            HostFacts.Gpus gpus) {}

    /** Judges. */
    public static Examination of(final Facts facts, final Needs needs) {
        final Host host = facts.host();
        final List<Finding> findings = new ArrayList<>();
        findings.add(SystemJudge.settings(facts.problems()));
        findings.add(ComputeJudge.jvm(facts.jvm()));
        findings.add(ComputeJudge.cpu(host.cpu()));
        findings.add(ComputeJudge.kernels(facts.kernels()));
        findings.add(ComputeJudge.cores(facts.cores()));
        findings.add(StorageJudge.model(facts.model(), host.memory()));
        findings.add(StorageJudge.memory(host.memory(), facts.jvm(), facts.model(), needs));
        findings.add(ComputeJudge.bandwidth(host.bandwidth(), facts.model()));
        findings.add(ComputeJudge.numa(host.numa()));
        findings.add(ComputeJudge.hugePages(host.hugePages()));
        findings.add(ComputeJudge.gpus(host.gpus()));
        final HostFacts.DriverFiles files = facts.driverFiles();
        if (files != null) {
            findings.add(StorageJudge.driverFiles(files, needs));
            findings.add(StorageJudge.leftFiles(files));
        }
        findings.add(StorageJudge.temporary(facts.temporary()));
        findings.add(SystemJudge.socketBuffers(host.buffers(), needs));
        final NetworkFacts network = facts.network();
        if (network != null) {
            findings.add(NetworkJudge.loopback(network));
            findings.add(NetworkJudge.hostName(network, needs));
            findings.addAll(NetworkJudge.ports(network));
        }
        findings.add(SystemJudge.clock(host.clock()));
        findings.add(SystemJudge.openFiles(facts.limits()));
        return new Examination(findings);
    }

    /** The worst. */
    public Severity severity() {
        return findings.stream()
                .map(Finding::severity)
                .max(Comparator.naturalOrder())
                .orElse(Severity.OK);
    }

    /** Aligned lines for people, each remedy below what it is for. */
    public String text() {
        final int width = findings.stream()
                .mapToInt(finding -> finding.check().length())
                .max()
                .orElse(0);
        final StringBuilder out = new StringBuilder();
        for (final Finding finding : findings) {
            final String start = String.format(
                    Locale.ROOT, "%-4s %-" + width + "s  ", finding.severity().name(), finding.check());
            wrap(out, start, finding.found(), " ".repeat(start.length()));
            if (finding.remedy() != null) {
                final String margin = " ".repeat(width) + INDENT;
                wrap(out, margin + "-> ", finding.remedy(), margin + "   ");
            }
        }
        return out.toString();
    }

    private static void wrap(final StringBuilder out, final String start, final String text, final String further) {
        final StringBuilder line = new StringBuilder(start);
        int words = 0;
        for (final String word : text.split(" ", -1)) {
            if (words > 0 && line.length() + 1 + word.length() > COLUMNS) {
                out.append(line).append('\n');
                line.setLength(0);
                line.append(further);
                words = 0;
            }
            line.append(words == 0 ? "" : " ").append(word);
            words++;
        }
        out.append(line).append('\n');
    }
}
