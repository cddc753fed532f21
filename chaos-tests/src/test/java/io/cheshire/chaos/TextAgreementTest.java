package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.EventStream;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.TestServer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What an answer says about its text, and the text, are one thing: labels, bytes and offsets of random prompts and
 * answers, with control tokens, broken bytes, emoji and stop strings, with the real tokenizer.
 */
class TextAgreementTest {
    private static final String COMPLETION = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";
    private static final int END = 4087;
    private static final int FIRST_BYTE = 3;
    private static final int VOCAB = 4096;
    private static final int[] EMOJI = {0xF0, 0x9F, 0x98, 0x81};
    private static final String[] WORDS = {
        "Alice",
        " ",
        "  ",
        "é",
        "\uD83D\uDE01",
        "你好",
        "\n",
        "x",
        " cat",
        "<|end|>",
        "<|user|>\n",
        "</s> ",
        "\t",
        "17 + 25"
    };

    private static final long SEED = Long.getLong("cheshire.seed", System.nanoTime());

    private static TestServer server;
    private static JsonClient api;

    private final Random random = new Random(SEED);

    @BeforeAll
    static void start() {
        System.out.println("cheshire.seed=" + SEED);
        server = TestServer.start(TestServer.cheshireMini(), 1, Map.of());
        api = server.api();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** One choice of a completion as its reader puts it together. */
    private record Shown(String text, List<String> labels, List<Integer> offsets, List<Integer> ids) {
        Shown() {
            this("", new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        Shown plus(final JsonNode choice) {
            choice.at("/logprobs/tokens").forEach(label -> labels.add(label.textValue()));
            choice.at("/logprobs/text_offset").forEach(offset -> offsets.add(offset.intValue()));
            choice.path("token_ids").forEach(id -> ids.add(id.intValue()));
            return new Shown(text + choice.get("text").textValue(), labels, offsets, ids);
        }
    }

    @Test
    void shouldPlaceEveryLabelInTheTextOfAConversationThatIsSentAsAPrompt() throws Exception {
        final ObjectNode body = completion(4).put("echo", true).put("temperature", 0);
        body.put("prompt", "<|user|>\nWhat is 17 + 25?<|end|>\n<|assistant|>\n");

        final Shown whole = whole(body).getFirst();

        assertAgrees(whole, "conversation");
        assertThat(whole.offsets()).contains(25, 33);
        assertThat(whole.labels().get(whole.offsets().indexOf(25))).startsWith("<|end|>");
        assertThat(whole.labels().get(whole.offsets().indexOf(33))).startsWith("<|assistant|>");
        assertThat(streamed(body)).containsExactly(whole);
    }

    @Test
    void shouldAgreeForRandomPromptsEchoedOrNotStreamedOrWhole() throws Exception {
        for (int round = 0; round < 60; round++) {
            final ObjectNode body = completion(random.nextInt(12));
            body.put("n", 1 + random.nextInt(2))
                    .put("seed", random.nextInt(1 << 20))
                    .put("temperature", 2);
            body.put("echo", random.nextBoolean() || body.get("max_tokens").intValue() == 0);
            prompt(body);
            if (random.nextBoolean()) {
                rareTokens(body);
            }
            if (random.nextBoolean()) {
                body.putArray("stop").add("e").add(" th").add("\uD83D\uDE01").add("nd|>");
            }
            final List<Shown> whole = whole(body);
            for (final Shown choice : whole) {
                assertAgrees(choice, body.toString());
            }
            assertThat(streamed(body)).as("%s", body).isEqualTo(whole);
        }
    }

    @Test
    void shouldGiveTheSameTextForIdsWhetherEchoedOrDetokenized() throws Exception {
        for (int round = 0; round < 60; round++) {
            final ArrayNode ids = randomIds();
            final ObjectNode body = completion(0).put("echo", true);
            body.set("prompt", ids);
            final ObjectNode tokens = JsonClient.MAPPER.createObjectNode();
            tokens.set("tokens", ids);

            final Shown echoed = whole(body).getFirst();

            assertAgrees(echoed, body.toString());
            assertThat(api.post("/detokenize", tokens).ok().get("prompt").textValue())
                    .isEqualTo(echoed.text());
        }
    }

    @Test
    void shouldGiveTheMessageInTheBytesAndLabelsOfAChat() throws Exception {
        for (int round = 0; round < 40; round++) {
            final ObjectNode body = JsonClient.MAPPER.createObjectNode();
            body.putArray("messages")
                    .addObject()
                    .put("role", "user")
                    .put("content", round == 0 ? "What is 17 + 25?" : words());
            body.put("logprobs", true).put("top_logprobs", random.nextInt(21)).put("seed", round);
            body.put("n", 1 + random.nextInt(2)).put("max_tokens", 1 + random.nextInt(16));
            body.put("temperature", round == 0 ? 0 : 2);
            if (round % 2 == 1) {
                rareTokens(body);
            }
            final JsonNode answer = api.post(CHAT, body).ok();
            final List<String> texts = new ArrayList<>();
            for (final JsonNode choice : answer.get("choices")) {
                texts.add(choice.at("/message/content").textValue());
                assertMessage(texts.getLast(), choice.at("/logprobs/content"), body);
            }
            assertThat(streamedChat(body)).as("%s", body).isEqualTo(texts);
        }
    }

    @Test
    void shouldEndAChatWithoutALabelForItsStopToken() throws Exception {
        final ObjectNode body = JsonClient.MAPPER.createObjectNode();
        body.putArray("messages").addObject().put("role", "user").put("content", "What is 17 + 25?");
        body.put("logprobs", true).put("top_logprobs", 2).put("temperature", 0);

        final JsonNode answer = api.post(CHAT, body).ok();

        final JsonNode content = answer.at("/choices/0/logprobs/content");
        assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
        assertMessage(answer.at("/choices/0/message/content").textValue(), content, body);
        assertThat(content).hasSize(answer.at("/usage/completion_tokens").intValue());
    }

    @Test
    void shouldShowALoneByteAsItself() throws Exception {
        final ObjectNode body = JsonClient.MAPPER.createObjectNode();
        body.putArray("messages").addObject().put("role", "user").put("content", "Smile");
        body.put("logprobs", true).put("top_logprobs", 0).put("max_tokens", 1);
        body.putObject("logit_bias").put(Integer.toString(FIRST_BYTE + EMOJI[0]), 100);

        final JsonNode entry = api.post(CHAT, body).ok().at("/choices/0/logprobs/content/0");

        assertThat(entry.get("bytes").toString()).isEqualTo("[240]");
        assertThat(entry.get("token").textValue()).isEqualTo("bytes:\\xf0");
    }

    private static void assertMessage(final String text, final JsonNode content, final ObjectNode body) {
        final StringBuilder labels = new StringBuilder();
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean isPlain = true;
        for (final JsonNode entry : content) {
            final String label = entry.get("token").textValue();
            isPlain &= !label.startsWith("bytes:");
            labels.append(label);
            entry.get("bytes").forEach(b -> bytes.write(b.intValue()));
            assertThat(entry.get("top_logprobs"))
                    .hasSize(body.get("top_logprobs").intValue());
        }
        assertThat(decoded(bytes)).as("%s", body).isEqualTo(text);
        if (isPlain) {
            assertThat(labels.toString()).as("%s", body).isEqualTo(text);
        }
    }

    private static void assertAgrees(final Shown shown, final String what) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final int[] text = shown.text().codePoints().toArray();
        for (int i = 0; i < shown.labels().size(); i++) {
            final String label = shown.labels().get(i);
            bytes.writeBytes(bytesOf(label));
            final int offset = shown.offsets().get(i);
            if (!label.startsWith("bytes:")) {
                final int length = label.codePointCount(0, label.length());
                assertThat(offset + length).as(what).isLessThanOrEqualTo(text.length);
                assertThat(new String(text, offset, length)).as(what).isEqualTo(label);
            }
        }
        assertThat(decoded(bytes)).as(what).isEqualTo(shown.text());
        assertThat(shown.ids()).as(what).hasSameSizeAs(shown.labels());
    }

    /** As Python does it; the JDK makes one U+FFFD of the three bytes of a surrogate. */
    private static String decoded(final ByteArrayOutputStream all) {
        final byte[] bytes = all.toByteArray();
        final StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 1; i < bytes.length; i++) {
            if ((bytes[i - 1] & 0xff) == 0xED && (bytes[i] & 0xff) >= 0xA0) {
                text.append(new String(bytes, from, i - from, StandardCharsets.UTF_8));
                from = i;
            }
        }
        return text.append(new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8))
                .toString();
    }

    private static byte[] bytesOf(final String label) {
        if (!label.startsWith("bytes:")) {
            return label.getBytes(StandardCharsets.UTF_8);
        }
        final String[] hex = label.substring("bytes:\\x".length()).split("\\\\x", -1);
        final byte[] bytes = new byte[hex.length];
        for (int i = 0; i < hex.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex[i], 16);
        }
        return bytes;
    }

    private static ObjectNode completion(final int maxTokens) {
        return JsonClient.MAPPER
                .createObjectNode()
                .put("max_tokens", maxTokens)
                .put("logprobs", 2)
                .put("return_token_ids", true);
    }

    private void prompt(final ObjectNode body) {
        if (random.nextBoolean()) {
            body.set("prompt", randomIds());
        } else {
            body.put("prompt", "x" + words());
        }
    }

    private String words() {
        final StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i >= 0; i--) {
            text.append(WORDS[random.nextInt(WORDS.length)]);
        }
        return text.toString();
    }

    /** Words, single bytes that may or may not become characters, control tokens, and ids without a token. */
    private ArrayNode randomIds() {
        final ArrayNode ids = JsonClient.MAPPER.createArrayNode();
        for (int i = random.nextInt(16); i >= 0; i--) {
            switch (random.nextInt(5)) {
                case 0 -> ids.add(FIRST_BYTE + random.nextInt(256));
                case 1 -> ids.add(4080 + random.nextInt(16));
                case 2 -> {
                    for (final int b : EMOJI) {
                        ids.add(FIRST_BYTE + b);
                    }
                }
                default -> ids.add(random.nextInt(VOCAB));
            }
        }
        return ids;
    }

    /** Makes bytes, pieces of an emoji and control tokens likely. */
    private void rareTokens(final ObjectNode body) {
        final ObjectNode bias = body.putObject("logit_bias");
        for (int i = 0; i < 40; i++) {
            bias.put(Integer.toString(FIRST_BYTE + 128 + random.nextInt(128)), 40);
            bias.put(Integer.toString(300 + random.nextInt(3000)), 40);
        }
        for (final int b : EMOJI) {
            bias.put(Integer.toString(FIRST_BYTE + b), 41);
        }
        bias.put(Integer.toString(END), 40);
        bias.put("2", 40);
        body.put("ignore_eos", true);
    }

    private static List<Shown> whole(final ObjectNode body) throws Exception {
        final List<Shown> choices = new ArrayList<>();
        for (final JsonNode choice : api.post(COMPLETION, body).ok().get("choices")) {
            choices.add(new Shown().plus(choice));
        }
        return choices;
    }

    private static List<Shown> streamed(final ObjectNode body) throws Exception {
        final List<Shown> choices = new ArrayList<>();
        for (int i = body.path("n").asInt(1); i > 0; i--) {
            choices.add(new Shown());
        }
        try (EventStream stream = api.stream(COMPLETION, body.deepCopy().put("stream", true))) {
            for (final JsonNode chunk : stream.rest()) {
                final JsonNode choice = chunk.at("/choices/0");
                final int index = choice.get("index").intValue();
                choices.set(index, choices.get(index).plus(choice));
                assertThat(joined(choice))
                        .as("%s", body)
                        .isEqualTo(choice.get("text").textValue());
            }
        }
        return choices;
    }

    private static String joined(final JsonNode choice) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        choice.at("/logprobs/tokens").forEach(label -> bytes.writeBytes(bytesOf(label.textValue())));
        return decoded(bytes);
    }

    private static List<String> streamedChat(final ObjectNode body) throws Exception {
        final List<StringBuilder> texts = new ArrayList<>();
        for (int i = body.get("n").intValue(); i > 0; i--) {
            texts.add(new StringBuilder());
        }
        try (EventStream stream = api.stream(CHAT, body.deepCopy().put("stream", true))) {
            for (final JsonNode chunk : stream.rest()) {
                final JsonNode choice = chunk.at("/choices/0");
                texts.get(choice.get("index").intValue())
                        .append(choice.at("/delta/content").asText(""));
            }
        }
        return texts.stream().map(StringBuilder::toString).toList();
    }
}
