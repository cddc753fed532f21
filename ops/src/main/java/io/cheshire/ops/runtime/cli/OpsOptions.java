package io.cheshire.ops.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cheshire.ops.runtime.OpsClient;
import io.cheshire.ops.runtime.TrustedCertificates;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of the commands that talk to a running cluster. */
final class OpsOptions {
    @Option(
            names = "--ops",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:9090",
            description = "Operations address of a router. Default: ${DEFAULT-VALUE}.")
    private String ops = "http://127.0.0.1:9090";

    @Option(names = "--ops-key", paramLabel = "KEY", description = "Key of the operations listener, if it has one.")
    private @Nullable String key;

    @Option(
            names = "--ops-ca",
            paramLabel = "FILE",
            description =
                    "PEM certificates that sign the listener's, where it has TLS. Default: those that Java trusts.")
    private @Nullable Path authority;

    @Option(names = "--json", description = "For machines.")
    private boolean json;

    OpsClient client() {
        return new OpsClient(ops, key, authority == null ? null : TrustedCertificates.signedBy(authority));
    }

    /** Prints a tree as it is, or as text. */
    void print(final JsonNode node, final Function<JsonNode, String> text) {
        if (!json) {
            System.out.print(text.apply(node));
            return;
        }
        try {
            System.out.println(new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(node));
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException("a tree is always writable", e);
        }
    }

    /** Asks for something and prints the answer. */
    int ask(final String what, final Map<String, Object> body) throws InterruptedException {
        try (OpsClient client = client()) {
            print(client.post(what, body), answer -> answer.path("message").asText() + System.lineSeparator());
        }
        return 0;
    }
}
