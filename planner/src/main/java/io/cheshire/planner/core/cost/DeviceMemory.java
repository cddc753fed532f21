package io.cheshire.planner.core.cost;

import io.cheshire.model.core.checkpoint.GpuNeeds;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.planner.protocol.plan.DeviceClass.Device;
import io.cheshire.planner.protocol.plan.PlannedModel;

/** What a planned model's units take on a device. Pure. */
public final class DeviceMemory {
    private DeviceMemory() {}

    /** Bytes that one expert of one layer takes. */
    public static long unitBytes(final PlannedModel model, final Device device) {
        return device == Device.GPU ? onGpu(model).unitBytes() : model.unitBytes();
    }

    /** What an expert node needs of a GPU. */
    public static GpuNeeds onGpu(final PlannedModel model) {
        final Shape shape = model.shape();
        return GpuNeeds.of(
                shape.hiddenSize(), shape.ffnSize(), shape.layerCount(), shape.expertCount(), model.precision());
    }
}
