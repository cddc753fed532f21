package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.core.checkpoint.ExpectedTensors;
import io.cheshire.model.core.checkpoint.ShardPlan;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.Tensors;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelConfigParser;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.checkpoint.CheckpointWriter;
import io.cheshire.model.runtime.checkpoint.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The small model with a head that scores: rows of its own head, so that what the language model says of those tokens
 * is what the head must say.
 */
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "starts two servers: give -Dcheshire.test.long=true")
class ClassifierTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Tokens whose rows the head has. */
    private static final List<Integer> LABELS = List.of(300, 301, 302);

    private static final Map<String, Object> FP32 = Map.of("cheshire.model.precision", "fp32");

    @TempDir
    private Path directory;

    /** A classifier out of the language model. */
    private Path classifier() throws IOException {
        final Path mini = TestServer.cheshireMini();
        final Path to = directory.resolve("classifier");
        final ObjectNode json =
                (ObjectNode) MAPPER.readTree(mini.resolve("config.json").toFile());
        json.putArray("architectures").add("PhiMoEForSequenceClassification");
        json.put("num_labels", LABELS.size());
        final ModelConfig config =
                ModelConfigParser.parse(json.toString().getBytes(StandardCharsets.UTF_8), "config.json");
        try (Checkpoint source = Checkpoint.open(mini)) {
            final Map<String, TensorView> tensors =
                    source.tensors().stream().collect(Collectors.toMap(TensorView::name, tensor -> tensor));
            final ShardPlan plan = ShardPlan.of(
                    ExpectedTensors.of(config, CheckpointLayout.HUB),
                    tensors.get("lm_head.weight").dtype(),
                    1L << 30);
            CheckpointWriter.write(
                    to, config, plan, (tensor, at, into) -> fill(tensors, tensor, at, into), Progress.NONE);
        }
        for (final String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(mini.resolve(file), to.resolve(file));
        }
        return to;
    }

    private static void fill(
            final Map<String, TensorView> tensors, final TensorEntry tensor, final long at, final ByteBuffer into) {
        if (!tensor.name().equals("score.weight")) {
            into.put(tensors.get(tensor.name())
                    .data()
                    .asSlice(at, into.remaining())
                    .asByteBuffer());
            return;
        }
        final TensorView head = tensors.get("lm_head.weight");
        final long rowBytes = head.data().byteSize() / head.shape().getFirst();
        for (final int id : LABELS) {
            into.put(head.data().asSlice(id * rowBytes, rowBytes).asByteBuffer());
        }
    }

    private static String post(final TestServer server, final String path, final String body) throws Exception {
        return server.api().post(path, MAPPER.readTree(body)).text();
    }

    private static List<String> bodies() {
        final List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            bodies.add("{\"input\":[\"What is " + i + " + 25?\",\"" + "Once upon a time. ".repeat(1 + i) + "\"]}");
        }
        return bodies;
    }

    /** What of an answer doesn't name the request. */
    private static JsonNode data(final String answer) throws IOException {
        return MAPPER.readTree(answer).get("data");
    }

    @Test
    void shouldSayWhatTheLanguageModelSaysAloneAndInACrowd() throws Exception {
        final JsonNode tokens;
        try (TestServer server = TestServer.start(classifier(), 16, FP32);
                var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            final List<Future<JsonNode>> crowd = new ArrayList<>();
            for (final String body : bodies()) {
                crowd.add(clients.submit(() -> data(post(server, "/pooling", body))));
            }
            final List<JsonNode> together = new ArrayList<>();
            for (final Future<JsonNode> one : crowd) {
                together.add(one.get());
            }
            for (int i = 0; i < together.size(); i++) {
                assertThat(data(post(server, "/pooling", bodies().get(i)))).isEqualTo(together.get(i));
            }
            tokens = data(post(server, "/pooling", "{\"input\":[5,6,7,8]}")).at("/0/data");
            assertThat(post(server, "/v1/completions", "{\"prompt\":\"a\"}")).contains("no_language_head");
            assertThat(server.status().generatedTokens()).isZero();
        }
        assertLikeTheLanguageModel(tokens);
    }

    /** Differences of outputs are differences of log-probabilities, but for the head's bias. */
    private static void assertLikeTheLanguageModel(final JsonNode tokens) throws Exception {
        final float[] bias = new float[LABELS.size()];
        try (Checkpoint source = Checkpoint.open(TestServer.cheshireMini())) {
            final TensorView all = source.routerWeights().lmHeadBias();
            final float[] values = new float[source.config().vocabSize()];
            Tensors.readRow(all, 0, values);
            for (int label = 0; label < bias.length; label++) {
                bias[label] = values[LABELS.get(label)];
            }
        }
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 4, FP32)) {
            final List<JsonNode> scores = new ArrayList<>();
            for (final int id : LABELS) {
                final String body = "{\"prompt\":[5,6,7,8," + id + "],\"max_tokens\":1,\"prompt_logprobs\":0}";
                scores.add(MAPPER.readTree(post(server, "/v1/completions", body))
                        .at("/choices/0/prompt_logprobs/4/" + id));
            }
            for (int label = 0; label < LABELS.size(); label++) {
                final double said = tokens.get(3).get(label).doubleValue()
                        + bias[label]
                        - tokens.get(3).get(0).doubleValue()
                        - bias[0];
                final double other = scores.getFirst().get("logprob").doubleValue();
                assertThat(said).isCloseTo(scores.get(label).get("logprob").doubleValue() - other, within(1e-4));
                assertThat(scores.get(label).get("rank").intValue()).isBetween(1, 4_096);
            }
        }
    }
}
