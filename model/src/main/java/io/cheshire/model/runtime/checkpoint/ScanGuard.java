package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.checkpoint.WeightScan;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ScanPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Scans weights the first time they are asked for, and refuses or warns. Safe from any thread. */
final class ScanGuard {
    private static final Logger LOG = LoggerFactory.getLogger(ScanGuard.class);
    private static final ExpertKey ROUTER_PART = new ExpertKey(Integer.MAX_VALUE, Integer.MAX_VALUE);

    private final ScanPolicy policy;
    private final String model;
    private final Set<ExpertKey> scanned = ConcurrentHashMap.newKeySet();

    ScanGuard(final ScanPolicy policy, final String model) {
        this.policy = policy;
        this.model = model;
    }

    void checkUnit(final UnitWeights unit) {
        if (policy == ScanPolicy.OFF || scanned.contains(unit.key())) {
            return;
        }
        final List<String> problems = new ArrayList<>();
        for (final TensorView tensor : List.of(unit.w1(), unit.w2(), unit.w3())) {
            check(tensor, " of unit " + unit.key().layer() + "." + unit.key().expert(), false, problems);
        }
        report(problems);
        scanned.add(unit.key());
    }

    void checkRouter(final RouterWeights weights) {
        if (policy == ScanPolicy.OFF || scanned.contains(ROUTER_PART)) {
            return;
        }
        final List<String> problems = new ArrayList<>();
        weights.tensors().forEach(tensor -> check(tensor, "", false, problems));
        for (final RouterWeights.Layer layer : weights.layers()) {
            layer.tensors().forEach(tensor -> check(tensor, "", tensor.equals(layer.gate()), problems));
        }
        report(problems);
        scanned.add(ROUTER_PART);
    }

    /** {@link WeightDigest} of a unit. Reads it whole at every call, and scans it in the same pass at the first. */
    String digestUnit(final UnitWeights unit) {
        final boolean scans = policy != ScanPolicy.OFF && !scanned.contains(unit.key());
        final String of = " of unit " + unit.key().layer() + "." + unit.key().expert();
        final List<String> problems = new ArrayList<>();
        final String sha256 = WeightDigest.ofUnit(unit, tensor -> {
            final TensorPass pass = TensorPass.over(tensor, scans);
            judge(tensor, pass.scan(), of, false, problems);
            return pass.sha256();
        });
        if (scans) {
            report(problems);
            scanned.add(unit.key());
        }
        return sha256;
    }

    /**
     * {@link WeightDigest} of what is not an expert. Reads it whole at every call, its tensors side by side, and scans
     * likewise.
     */
    String digestRouter(final RouterWeights weights) {
        final boolean scans = policy != ScanPolicy.OFF && !scanned.contains(ROUTER_PART);
        final Map<TensorView, TensorPass> passes = SideBySide.over(
                Stream.concat(weights.tensors(), weights.layers().stream().flatMap(RouterWeights.Layer::tensors))
                        .flatMap(TensorView::withScales)
                        .toList(),
                tensor -> TensorPass.over(tensor, scans));
        final Set<TensorView> gates =
                weights.layers().stream().map(RouterWeights.Layer::gate).collect(Collectors.toSet());
        final List<String> problems = new ArrayList<>();
        passes.forEach((tensor, pass) -> judge(tensor, pass.scan(), "", gates.contains(tensor), problems));
        if (scans) {
            report(problems);
            scanned.add(ROUTER_PART);
        }
        return WeightDigest.ofRouter(
                weights, tensor -> Objects.requireNonNull(passes.get(tensor)).sha256());
    }

    private void check(final TensorView tensor, final String of, final boolean gate, final List<String> problems) {
        tensor.withScales().forEach(each -> judge(each, WeightScan.of(each), of, gate, problems));
    }

    private void judge(
            final TensorView tensor,
            final WeightScan scan,
            final String of,
            final boolean gate,
            final List<String> problems) {
        if (scan.nonFinite()) {
            problems.add("tensor " + tensor.name() + of + " holds NaN or infinity");
        }
        if (gate && scan.allZero()) {
            problems.add("tensor " + tensor.name() + " is all zero, so the gate would choose experts 0 and 1 for all");
        }
        if (scan.subnormal() && tensor.dtype() != Dtype.F16) {
            LOG.warn("{}: tensor {}{} holds subnormal values, which slow some CPUs down", model, tensor.name(), of);
        }
    }

    private void report(final List<String> problems) {
        if (problems.isEmpty()) {
            return;
        }
        if (policy == ScanPolicy.REFUSE) {
            throw new ModelException(
                    model + " has broken weights; download it again, or choose to be warned only", problems);
        }
        problems.forEach(problem -> LOG.warn("{}: {}", model, problem));
    }
}
