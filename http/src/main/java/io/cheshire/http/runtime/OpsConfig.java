package io.cheshire.http.runtime;

import io.cheshire.settings.SettingReader;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code cheshire.ops}, the operations listener that every process has; {@code reference.conf} explains each
 * value.
 *
 * @param listen   where it listens
 * @param key      of {@code /admin} and {@code /metrics}, or null
 * @param insecure it may be open to the network without a key
 * @param tls      certificate and key, or null for plain text
 * @param hosts    names under which it answers, beside loopback's
 * @param figures  what {@code /metrics} has beyond the usual
 * @param chaos    who may run experiments from the console
 * @param plan     that a router is held against
 */
public record OpsConfig(
        ListenAddress listen,
        @Nullable String key,
        boolean insecure,
        ApiConfig.@Nullable Tls tls,
        List<String> hosts,
        Figures figures,
        ChaosConfig chaos,
        PlanConfig plan) {
    /** The section. */
    public static final String SECTION = "cheshire.ops";

    /** For commands that have a flag for it. */
    public static final String PORT = SECTION + ".port";

    static final String INSECURE = SECTION + ".insecure";

    public OpsConfig {
        hosts = List.copyOf(hosts);
    }

    /**
     * What {@code /metrics} has beyond the usual.
     *
     * @param units     rows and times of each unit
     * @param vllmNames the router's figures under vLLM's names, too
     */
    public record Figures(boolean units, boolean vllmNames) {}

    /**
     * Reads {@code cheshire.ops} of a whole configuration. No file is looked at.
     *
     * @param autoPort what the port {@code auto} means in this process
     */
    public static OpsConfig from(final SettingReader root, final int autoPort) {
        final SettingReader ops = root.section(SECTION);
        final SettingReader metrics = ops.section("metrics");
        final String key = key(ops);
        return new OpsConfig(
                new ListenAddress(
                        ops.section(),
                        "--ops-port",
                        ops.text("host"),
                        ops.numberOrAuto("port", 0, ListenAddress.MAX_PORT, autoPort)),
                key,
                ops.flag("insecure"),
                ApiConfig.Tls.from(ops.section("tls")),
                ops.texts("allowed-hosts"),
                new Figures(metrics.flag("units"), metrics.flag("vllm-names")),
                ChaosConfig.from(root, key),
                PlanConfig.from(root));
    }

    private static @Nullable String key(final SettingReader ops) {
        final String key = ops.secret("key");
        if (key.isEmpty()) {
            return null;
        }
        try {
            ApiKeys.check("ops", key);
        } catch (final IllegalArgumentException unusable) {
            ops.requireOfSecret(false, "key", String.valueOf(unusable.getMessage()));
        }
        return key;
    }

    /**
     * Refuses what {@link OpsServer#start} would refuse, for who starts a process that would find out later.
     *
     * @return this
     * @throws IllegalArgumentException naming the address or the certificate that can't be used
     */
    public OpsConfig checked() {
        requireKey();
        listen.requireFree();
        if (tls != null) {
            Certificates.load(tls, Instant.now());
        }
        return this;
    }

    /**
     * Refuses a listener that the network can reach and that asks for no key.
     *
     * @throws IllegalArgumentException naming address, setting and remedies
     */
    void requireKey() {
        if (key == null && !insecure) {
            listen.requireLoopback(
                    "there is no key, so everybody who reaches it could move and end the cluster's nodes. Set "
                            + SECTION + ".key",
                    INSECURE);
        }
    }

    /** Where people on this host reach it. */
    public String url(final int boundPort) {
        return listen.url(tls != null, boundPort);
    }

    /** The same on another port. */
    public OpsConfig withPort(final int port) {
        return new OpsConfig(listen.withPort(port), key, insecure, tls, hosts, figures, chaos, plan);
    }

    /** The same with this key. */
    OpsConfig withKey(final @Nullable String other) {
        return new OpsConfig(listen, other, insecure, tls, hosts, figures, chaos, plan);
    }

    /** The same with these figures. */
    OpsConfig withFigures(final Figures others) {
        return new OpsConfig(listen, key, insecure, tls, hosts, others, chaos, plan);
    }

    /** The same under these names. */
    OpsConfig withHosts(final List<String> others) {
        return new OpsConfig(listen, key, insecure, tls, others, figures, chaos, plan);
    }

    /** The same with experiments, or without. */
    OpsConfig withChaos(final ChaosConfig other) {
        return new OpsConfig(listen, key, insecure, tls, hosts, figures, other, plan);
    }
}
