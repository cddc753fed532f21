package io.cheshire.http.core.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What every page must show of experiments: whether one can be run here, and the one that runs.
 *
 * @param enabled by the settings
 * @param running null: none
 */
public record ChaosState(boolean enabled, @Nullable Running running) {
    /** They are switched off. */
    public static final ChaosState OFF = new ChaosState(false, null);

    /**
     * An experiment under way.
     *
     * @param id        in the archive
     * @param name      its file's
     * @param on        what it hurts: {@code running} or {@code simulation}
     * @param startedMs since when, by the wall clock
     * @param untilMs   when it is over at the latest
     */
    public record Running(String id, String name, String on, long startedMs, long untilMs) {}

    /** Adds it to a picture. */
    public void addTo(final ObjectNode picture) {
        final ObjectNode chaos = picture.putObject("chaos").put("enabled", enabled);
        if (running != null) {
            chaos.putObject("running")
                    .put("id", running.id)
                    .put("name", running.name)
                    .put("on", running.on)
                    .put("startedMs", running.startedMs)
                    .put("untilMs", running.untilMs);
        }
    }
}
