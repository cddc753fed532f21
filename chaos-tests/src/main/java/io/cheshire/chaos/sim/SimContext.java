package io.cheshire.chaos.sim;

import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.control.Cluster;
import io.cheshire.chaos.sim.control.EpochBook;
import io.cheshire.chaos.sim.fault.FaultCounts;
import io.cheshire.chaos.sim.hardware.Hardware;
import io.cheshire.chaos.sim.model.ReferenceModel;
import io.cheshire.chaos.sim.model.SimModel;
import io.cheshire.chaos.sim.net.SimDataPlane;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.ModelIdentity;

/** What all processes of one run share. */
public record SimContext(
        World world,
        RunParameters parameters,
        PlantedBug bug,
        SimModel model,
        Hardware hardware,
        ReferenceModel reference,
        SimDataPlane plane,
        Cluster cluster,
        EpochBook book,
        Coverage coverage,
        FaultCounts faults) {
    /** Which model the cluster serves. */
    public static final Fingerprint FINGERPRINT = new Fingerprint(1, 2, 3, 4);

    /** What two ends of the data plane must have in common. */
    public ModelIdentity identity() {
        return ModelIdentity.of(model.config(), model.precision(), FINGERPRINT);
    }

    /** The same for the control plane. */
    public io.cheshire.coordinator.protocol.PlacedModel controlIdentity() {
        return new io.cheshire.coordinator.protocol.PlacedModel(
                FINGERPRINT.toHex(), model.config().layerCount(), model.config().expertCount());
    }
}
