package io.cheshire.planner.runtime.validate;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.protocol.run.RequestStream;
import java.io.IOException;
import java.nio.file.Path;

/** A server with the real engine, and a client of it. One thread's; ends with its closing. */
interface LiveServer extends AutoCloseable {
    /** Sends requests, each when it is due, and waits for their ends. */
    CellOutcome run(RequestStream requests) throws InterruptedException;

    @Override
    void close();

    /** Makes them. */
    @FunctionalInterface
    interface Starter {
        /** Starts one; returns once it serves. */
        LiveServer start(Deployment deployment, Path model, Calibration calibration)
                throws IOException, InterruptedException;
    }
}
