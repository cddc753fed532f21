package io.cheshire.ops.runtime.process;

import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.routing.RecorderConfig;
import io.cheshire.router.runtime.routing.RoutingRecorder;
import java.nio.file.Path;

/** Records a router's routing where the configuration asks for it. */
final class RoutingRecording {
    private RoutingRecording() {}

    /**
     * Starts recording before the engine runs; the process ends the file once its agents have stopped.
     *
     * @throws IllegalArgumentException when the file exists or can't be made
     */
    static void start(final MemberProcess process, final EngineAgent engine, final int lanes) {
        final RecorderConfig config = process.config().recorder();
        final Path file = config.file();
        if (file == null) {
            return;
        }
        final ServedModel model = process.model();
        final RoutingRecorder recorder = RoutingRecorder.start(
                config,
                file,
                model.fingerprint(),
                model.config().layerCount(),
                model.config().expertCount(),
                lanes);
        engine.recordRouting(recorder);
        process.closeAfterAgents(recorder);
    }
}
