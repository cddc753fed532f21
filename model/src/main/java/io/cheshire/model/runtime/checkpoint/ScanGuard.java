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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    private void check(final TensorView tensor, final String of, final boolean gate, final List<String> problems) {
        final WeightScan scan = WeightScan.of(tensor);
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
