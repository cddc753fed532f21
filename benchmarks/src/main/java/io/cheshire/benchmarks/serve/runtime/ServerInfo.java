package io.cheshire.benchmarks.serve.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import io.cheshire.benchmarks.serve.core.BenchException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/**
 * What {@code GET /v1/models} says of the model to ask for.
 *
 * @param model          its name
 * @param vocabularySize from {@code vocab_size}, or {@code meta.n_vocab} as llama.cpp has it; 0 where the server
 *                       doesn't say
 */
public record ServerInfo(String model, int vocabularySize) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What was given; the server is asked for what wasn't.
     *
     * @param model          the model's name; empty for the first one listed
     * @param vocabularySize 0 for what the server says
     * @throws BenchException when there is no answer, no such model, or nobody says how large its vocabulary is
     */
    public static ServerInfo of(final URI url, final String apiKey, final String model, final int vocabularySize) {
        if (!model.isEmpty() && vocabularySize > 0) {
            return new ServerInfo(model, vocabularySize);
        }
        final ServerInfo told = ask(url, apiKey, model);
        final int size = vocabularySize > 0 ? vocabularySize : told.vocabularySize();
        if (size == 0) {
            throw new BenchException(
                    url + " doesn't say how many tokens the vocabulary of " + told.model() + " has: give --vocab-size");
        }
        return new ServerInfo(told.model(), size);
    }

    /**
     * Asks the server.
     *
     * @param wanted the model's name; empty for the first one listed
     * @throws BenchException when there is no answer or no such model
     */
    public static ServerInfo ask(final URI url, final String apiKey, final String wanted) {
        final String path = CompletionClient.basePath(url) + "/models";
        final RequestHeadersBuilder headers = RequestHeaders.builder(HttpMethod.GET, path);
        if (!apiKey.isEmpty()) {
            headers.add(HttpHeaderNames.AUTHORIZATION, "Bearer " + apiKey);
        }
        try (ClientFactory factory =
                ClientFactory.builder().connectTimeout(Duration.ofSeconds(5)).build()) {
            final WebClient web = CompletionClient.builder(url)
                    .factory(factory)
                    .responseTimeout(Duration.ofSeconds(10))
                    .build();
            final AggregatedHttpResponse answer =
                    web.execute(HttpRequest.of(headers.build())).aggregate().join();
            if (answer.status().code() != 200) {
                throw new BenchException("GET " + url + " " + path + " answered " + answer.status()
                        + ": is this an OpenAI-compatible server? (give --model and --vocab-size to "
                        + "go without asking)");
            }
            return parse(answer.contentUtf8(), wanted);
        } catch (final CompletionException failed) {
            final Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            throw new BenchException(
                    "no answer from " + url + ": " + rootMessage(cause) + ". Is the server up?", cause);
        }
    }

    /** Reads the list of models. */
    static ServerInfo parse(final String body, final String wanted) {
        final JsonNode models;
        try {
            models = JSON.readTree(body).path("data");
        } catch (final JsonProcessingException notJson) {
            throw new BenchException("/v1/models is no JSON: " + notJson.getOriginalMessage(), notJson);
        }
        for (final JsonNode model : models) {
            final String id = model.path("id").asText("");
            if (wanted.isEmpty() || wanted.equals(id)) {
                final int vocabulary = model.path("vocab_size").asInt(0);
                return new ServerInfo(
                        id,
                        vocabulary > 0
                                ? vocabulary
                                : model.path("meta").path("n_vocab").asInt(0));
            }
        }
        throw new BenchException("/v1/models lists " + (models.isEmpty() ? "no model" : models.findValuesAsText("id"))
                + (wanted.isEmpty() ? "" : ", not " + wanted) + ": choose one with --model");
    }

    private static String rootMessage(final Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
