package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.core.CoordinatorGlance;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.model.runtime.paced.Lateness;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What the parts of a process say of themselves under {@code /admin/v1/self}. */
final class MemberView {
    private MemberView() {}

    static Map<String, Object> of(final ServedModel model) {
        final Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", model.name());
        view.put("fingerprint", model.fingerprint());
        view.put("fingerprintOf", word(model.mode()));
        view.put("precision", model.precision().word());
        view.put("layers", model.config().layerCount());
        view.put("experts", model.config().expertCount());
        view.put("unitBytes", model.unitBytes());
        return view;
    }

    static Map<String, Object> of(final ComputeDevice device, final ServedModel model, final ThreadSharing sharing) {
        final Map<String, Object> view = new LinkedHashMap<>();
        view.put("kernels", device.kernels().description());
        view.put("numerics", device.kernels().expertNumerics(model.precision()));
        view.put("threads", word(sharing));
        final Lateness lateness = device.lateness();
        if (lateness != null) {
            view.put("paced", lateness.summary());
        }
        final String health = device.health();
        if (!health.isEmpty()) {
            view.put("health", health);
        }
        return view;
    }

    static Map<String, Object> of(final ClusterSystem cluster) {
        final Map<String, Object> view = new LinkedHashMap<>();
        final String why = cluster.notMember();
        view.put("cluster", cluster.clusterName());
        view.put("address", cluster.address());
        view.put("member", why == null);
        view.put("notMemberBecause", why == null ? "" : why);
        view.put("refusedPeers", cluster.refusedPeers());
        final CoordinatorGlance hosted = cluster.hosted().glance();
        view.put("hostsCoordinator", hosted != null);
        if (hosted != null) {
            view.put("coordinator", hosted);
        }
        return view;
    }

    private static String word(final Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
