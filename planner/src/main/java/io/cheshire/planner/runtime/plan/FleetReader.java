package io.cheshire.planner.runtime.plan;

import io.cheshire.model.core.calibration.CalibrationMatch;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.CalibrationException;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.planner.core.cost.AssumedCalibration;
import io.cheshire.planner.core.cost.DataSheet;
import io.cheshire.planner.protocol.plan.DeviceClass;
import io.cheshire.planner.protocol.plan.DeviceClass.Device;
import io.cheshire.planner.protocol.plan.FleetOptions;
import io.cheshire.planner.protocol.plan.FleetOptions.Apart;
import io.cheshire.planner.protocol.plan.PlannedModel;
import io.cheshire.planner.protocol.plan.PlannedNetwork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code plan.fleet} and {@code plan.calibration}. */
final class FleetReader {
    private static final int MOST_NODES = 64;
    private static final int MOST_ROUTERS = 8;
    private static final int MOST_CELLS = 1_000;
    private static final double DEFAULT_NETWORK = 100e9 / 8;
    private static final double DEFAULT_RTT = 30e-6;

    private final PlanSection plan;
    private final PlanSection fleet;
    private final Path base;
    private final PlannedModel model;
    private final List<String> assumptions;
    private final boolean frameMac;

    FleetReader(final PlanSection plan, final Path base, final PlannedModel model, final List<String> assumptions) {
        this.plan = plan;
        this.fleet = plan.section("fleet");
        this.base = base;
        this.model = model;
        this.assumptions = assumptions;
        this.frameMac = fleet.section("network")
                .word("frame-mac", "on", List.of("on", "off"))
                .equals("on");
    }

    /** Lists to search; single figures where one fleet is asked for. */
    FleetOptions options(final boolean measured) {
        final List<Integer> nodes = fleet.counts("expert-nodes", List.of(16), 1, MOST_NODES);
        final int racks = fleet.counts("racks", List.of(0), 0, MOST_NODES).getFirst();
        final String apart = fleet.word("spread", racks > 1 ? "rack" : "host", List.of("host", "rack"));
        if (apart.equals("rack") && racks < 2) {
            fleet.refuse("spread", "needs fleet.racks = 2 or more; or take host");
        }
        if (racks > 0 && nodes.stream().anyMatch(each -> each < racks)) {
            fleet.refuse("racks", "are more than the nodes of a cluster, " + nodes + ": lower racks or add nodes");
        }
        final List<Integer> replicas = fleet.counts("replicas", List.of(2), 1, 8);
        if (replicas.stream().allMatch(each -> nodes.stream().allMatch(count -> each > count))) {
            fleet.refuse("replicas", "are all more than the nodes, " + nodes + ": a node holds a unit once");
        }
        return new FleetOptions(
                fleet.counts("cells", List.of(1), 1, MOST_CELLS),
                nodes,
                replicas,
                fleet.counts("routers", List.of(2), 1, MOST_ROUTERS),
                fleet.counts("lanes", List.of(2), 1, 8),
                fleet.counts("spares", List.of(0), 0, 16),
                racks,
                apart.equals("rack") ? Apart.RACK : Apart.HOST,
                network(measured),
                cores());
    }

    private int cores() {
        if (fleet.isSection("hosts")) {
            final PlanSection hosts = fleet.section("hosts");
            return hosts.counts("cores", List.of(1), 1, 4_096).getFirst();
        }
        fleet.word("hosts", "one-per-node", List.of("one-per-node"));
        return 0;
    }

    private PlannedNetwork network(final boolean measured) {
        if (!fleet.has("network")
                || fleet.section("network")
                        .word("as", "given", List.of("given", "measured"))
                        .equals("measured")) {
            if (measured) {
                return PlannedNetwork.asMeasured();
            }
            assumptions.add("the network has 100 Gb/s a host and 30 us there and back");
        }
        final PlanSection network = fleet.section("network");
        return new PlannedNetwork(
                network.parsed("rate", "must be a rate, such as 100Gb/s", PlanRates::bytesPerSecond, DEFAULT_NETWORK),
                1e9 * network.seconds("rtt", DEFAULT_RTT, 10),
                frameMac);
    }

    /** Kinds of machine, by role: a calibration of that name, else a data sheet. */
    List<DeviceClass> classes() {
        final Map<String, Calibration> files = new LinkedHashMap<>();
        for (final String each : plan.texts("calibration")) {
            final Path file = base.resolve(each);
            try {
                final Calibration read = CalibrationStore.read(file);
                CalibrationMatch.require(read, each, model.shape(), model.precision());
                files.put(nameOf(file), read);
            } catch (final CalibrationException wrong) {
                plan.refuse("calibration", String.valueOf(wrong.getMessage()));
            }
        }
        final String first = files.isEmpty()
                ? DataSheet.H200.id()
                : List.copyOf(files.keySet()).getFirst();
        final List<DeviceClass> classes = new ArrayList<>();
        classes.add(ofRole("node", first, files));
        classes.add(ofRole("router", classes.getFirst().name(), files));
        return classes;
    }

    private static String nameOf(final Path file) {
        return String.valueOf(file.getFileName()).replaceFirst("\\.json$", "");
    }

    private DeviceClass ofRole(final String role, final String otherwise, final Map<String, Calibration> files) {
        final List<String> words = new ArrayList<>(files.keySet());
        DataSheet.ids().stream().filter(id -> !words.contains(id)).forEach(words::add);
        final String named =
                fleet.word(role + "-class", words.contains(otherwise) ? otherwise : words.getFirst(), words);
        final Calibration measured = files.get(named);
        if (measured != null) {
            final boolean isGpu =
                    fleet.word(role + "-device", "cpu", List.of("cpu", "gpu")).equals("gpu");
            return new DeviceClass(named, isGpu ? Device.GPU : Device.CPU, fleet.bytes(role + "-memory", 0), measured);
        }
        final DataSheet sheet = DataSheet.valueOf(named.toUpperCase(Locale.ROOT));
        final Calibration assumed = AssumedCalibration.of(sheet, model, frameMac);
        if (!assumptions.contains(assumed.warnings().getFirst())) {
            assumptions.addAll(assumed.warnings());
        }
        final String own = sheet.device().name().toLowerCase(Locale.ROOT);
        if (!fleet.word(role + "-device", own, List.of("cpu", "gpu")).equals(own)) {
            fleet.refuse(role + "-device", "contradicts " + role + "-class: " + named + " is a " + own);
        }
        return new DeviceClass(named, sheet.device(), fleet.bytes(role + "-memory", sheet.memoryBytes()), assumed);
    }
}
