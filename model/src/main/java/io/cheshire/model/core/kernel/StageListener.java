package io.cheshire.model.core.kernel;

/** Hears of every stage that a kernel has finished, on the device thread. Called a few times a layer: must be quick. */
@FunctionalInterface
public interface StageListener {
    /** Hears nothing. */
    StageListener NONE = stage -> {};

    /** A stage is done. What passed since the stage before, or since the call began, was spent on it. */
    void done(RouterStage stage);
}
