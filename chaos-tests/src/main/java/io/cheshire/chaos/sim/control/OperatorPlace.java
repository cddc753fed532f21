package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.world.SimProcess;

/** An operator at the coordinator's own host. */
record OperatorPlace() implements Place {
    @Override
    public String path() {
        return "operator";
    }

    @Override
    public boolean isIn(final SimProcess process) {
        return false;
    }
}
