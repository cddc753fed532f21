package io.cheshire.http.runtime;

import io.cheshire.settings.SettingReader;

/**
 * The HTTP listeners of a process.
 *
 * @param api of a router
 * @param ops of any process
 */
public record EdgeConfig(ApiConfig api, OpsConfig ops) {
    /**
     * Reads them of a whole configuration.
     *
     * @param autoOpsPort what the port {@code auto} of operations means in this process
     */
    public static EdgeConfig from(final SettingReader root, final int autoOpsPort) {
        return new EdgeConfig(ApiConfig.from(root), OpsConfig.from(root, autoOpsPort));
    }
}
