package io.cheshire.ops.runtime.cli;

import io.cheshire.model.core.checkpoint.ParameterCounts;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.ops.runtime.node.SingleProcess;
import java.util.Locale;

/** What a person sees while a server starts, on standard error; the address line goes to standard output. */
final class StartupReport {
    private static final double NS_PER_SECOND = 1e9;
    private static final double MEBIBYTE = 1 << 20;
    private static final double MILLION = 1e6;

    private final long startNs;

    StartupReport(final long startNs) {
        this.startNs = startNs;
    }

    void step(final String what) {
        System.err.printf(Locale.ROOT, "[%5.1f s] %s%n", seconds(), what);
    }

    void nodes(final int serving, final int total) {
        step("expert nodes with their units: " + serving + " of " + total);
    }

    /** Everything a first-time user needs. */
    void ready(final SingleProcess server) {
        final ModelConfig config = server.model().config();
        final ParameterCounts counts = ParameterCounts.of(config);
        step(String.format(
                Locale.ROOT,
                "model %s: %.1f M parameters (%.1f M active), %d layers x %d experts, %s, context %d",
                server.model().name(),
                counts.total() / MILLION,
                counts.active() / MILLION,
                config.layerCount(),
                config.expertCount(),
                server.model().precision().name().toLowerCase(Locale.ROOT),
                server.router().engine().status().contextTokens()));
        step("kernels: " + server.device().kernels().description() + "; threads: "
                + server.sharing().name().toLowerCase(Locale.ROOT));
        step(String.format(
                Locale.ROOT,
                "placement: expert e of all layers on node e mod %d; router weights %.1f MiB, KV cache %.0f MiB",
                server.nodeCount(),
                server.router().weightBytes() / MEBIBYTE,
                server.router().kvBytes() / MEBIBYTE));
        final String limitation = server.router().textLimitation();
        if (limitation != null) {
            step(limitation);
        }
        final String address = "http://localhost:" + server.router().api().port();
        step("operations (metrics, cluster): http://localhost:"
                + server.router().api().opsPort() + "/admin/v1/cluster");
        System.out.printf(Locale.ROOT, "Ready in %.1f s: %s  (OpenAI API)%n", seconds(), address);
        System.out.println("Try: " + example(server, address, limitation != null));
        System.out.flush();
    }

    private static String example(final SingleProcess server, final String address, final boolean tokensOnly) {
        final String name = server.model().name();
        return tokensOnly
                ? "curl -s " + address + "/v1/completions -H 'content-type: application/json' -d '{\"model\":\"" + name
                        + "\",\"prompt\":[1,2,3],\"max_tokens\":8,\"temperature\":0,\"logprobs\":1}'"
                : "curl -s " + address + "/v1/chat/completions -H 'content-type: application/json' -d '{\"model\":\""
                        + name + "\",\"messages\":[{\"role\":\"user\",\"content\":\"What is 17 + 25?\"}],"
                        + "\"temperature\":0}'";
    }

    private double seconds() {
        return (System.nanoTime() - startNs) / NS_PER_SECOND;
    }
}
