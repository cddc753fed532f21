package io.cheshire.ops.runtime.cli;

import io.cheshire.http.runtime.ApiServer;
import io.cheshire.model.core.checkpoint.ParameterCounts;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.ops.runtime.process.SingleProcess;
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
                server.model().precision().word(),
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
        final ApiServer api = server.router().api();
        step("operations (metrics, cluster): " + server.operations().url() + "/admin/v1/cluster");
        System.out.printf(Locale.ROOT, "Ready in %.1f s: %s  (OpenAI API)%n", seconds(), api.url());
        System.out.println("Console: " + server.operations().url() + "/ui");
        System.out.println(
                "Try: " + example(api.url(), api.needsKey(), server.model().name(), limitation != null));
        System.out.flush();
    }

    /** A line for the shell that this server answers; {@code KEY} is the reader's to fill in. */
    static String example(final String address, final boolean needsKey, final String model, final boolean tokensOnly) {
        final String curl = "curl -s " + address + (tokensOnly ? "/v1/completions" : "/v1/chat/completions")
                + " -H 'content-type: application/json'" + (needsKey ? " -H 'authorization: Bearer KEY'" : "");
        final String question = tokensOnly
                ? "\"prompt\":[1,2,3],\"max_tokens\":8,\"temperature\":0,\"logprobs\":1}"
                : "\"messages\":[{\"role\":\"user\",\"content\":\"What is 17 + 25?\"}],\"temperature\":0}";
        return curl + " -d '{\"model\":\"" + model + "\"," + question + "'";
    }

    private double seconds() {
        return (System.nanoTime() - startNs) / NS_PER_SECOND;
    }
}
