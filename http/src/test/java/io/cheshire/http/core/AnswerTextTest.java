package io.cheshire.http.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.http.core.PreparedCall.PreparedPrompt;
import io.cheshire.http.protocol.GenerationFields;
import io.cheshire.http.protocol.OutputRules;
import io.cheshire.http.protocol.SamplingFields;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.TokenScores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Text, labels, bytes and offsets of any tokens say the same, echoed or not, stopped or not, streamed or whole. */
class AnswerTextTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final TextModel TEXT = new PieceText();
    private static final ModelInfo MODEL =
            new ModelInfo("m", 1, "fp", PieceText.VOCAB, 4096, 0, Set.of(PieceText.SPECIAL));

    /** What a reader puts together. */
    private record Shown(String text, List<String> labels, List<Integer> offsets, String ofBytes) {}

    @Property(tries = 20_000)
    void shouldAgreeInACompletion(
            @ForAll("ids") final List<Integer> prompt,
            @ForAll("ids") final List<Integer> answer,
            @ForAll("stops") final List<String> stops,
            @ForAll final boolean isEchoed)
            throws IOException {
        final List<Shown> both = new ArrayList<>();
        for (final boolean isStream : new boolean[] {false, true}) {
            both.add(completion(play(call(true, prompt, stops, isEchoed, isStream), answer)));
        }
        final Shown whole = both.getFirst();
        final int[] text = whole.text().codePoints().toArray();
        for (int i = 0; i < whole.labels().size(); i++) {
            final String label = whole.labels().get(i);
            if (!label.startsWith("bytes:")) {
                assertThat(new String(text, whole.offsets().get(i), label.codePointCount(0, label.length())))
                        .isEqualTo(label);
            }
        }
        assertThat(whole.ofBytes()).isEqualTo(whole.text());
        assertThat(both.getLast().text()).isEqualTo(whole.text());
        assertThat(both.getLast().labels()).isEqualTo(whole.labels());
        assertThat(both.getLast().offsets()).isEqualTo(whole.offsets());
        stops.forEach(stop -> assertThat(isEchoed ? "" : whole.text()).doesNotContain(stop));
        if (stops.isEmpty()) {
            assertThat(whole.labels()).hasSize(answer.size() + (isEchoed ? prompt.size() : 0));
        }
    }

    @Property(tries = 20_000)
    void shouldAgreeInAChat(@ForAll("ids") final List<Integer> answer, @ForAll("stops") final List<String> stops)
            throws IOException {
        final List<String> texts = new ArrayList<>();
        for (final boolean isStream : new boolean[] {false, true}) {
            final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            final StringBuilder text = new StringBuilder();
            for (final JsonNode choice : play(call(false, List.of(1), stops, false, isStream), answer)) {
                text.append(choice.at(isStream ? "/delta/content" : "/message/content")
                        .asText(""));
                for (final JsonNode entry : choice.at("/logprobs/content")) {
                    entry.get("bytes").forEach(b -> bytes.write(b.intValue()));
                    assertThat(entry.at("/top_logprobs/0/token")).isEqualTo(entry.get("token"));
                }
            }
            assertThat(Utf8.decoded(bytes.toByteArray())).isEqualTo(text.toString());
            texts.add(text.toString());
        }
        assertThat(texts.getLast()).isEqualTo(texts.getFirst());
    }

    /** A special token amid the bytes of a character that a stop string takes away. */
    @Example
    void shouldTakeFromATokenWhatAStopStringTakesThoughASilentOneStandsBehindIt() throws IOException {
        final int xAndFirstByte = PieceText.PAIRS;
        final int lastBytes = PieceText.PAIRS + 2;
        shouldAgreeInAChat(List.of(xAndFirstByte, PieceText.SPECIAL, 0x9F, lastBytes), List.of("\uD83D\uDE01"));
    }

    @Property
    void shouldEchoIdsAsTheyAreDetokenized(@ForAll("ids") final List<Integer> prompt) throws IOException {
        final Shown echoed = completion(play(call(true, prompt, List.of(), true, false), List.of()));
        assertThat(echoed.text()).isEqualTo(TextWalk.textOf(TEXT, prompt));
    }

    @Provide
    Arbitrary<List<Integer>> ids() {
        final Arbitrary<Integer> byteOfEmoji = Arbitraries.of(0xF0, 0x9F, 0x98, 0x81, 0xE4, 0xBD, 0xA0, 0xC3, 0xA9);
        final Arbitrary<Integer> word = Arbitraries.integers().between(PieceText.PAIRS, PieceText.VOCAB - 1);
        final Arbitrary<Integer> any = Arbitraries.integers().between(0, PieceText.VOCAB - 1);
        return Arbitraries.oneOf(byteOfEmoji, word, any).list().ofMinSize(1).ofMaxSize(14);
    }

    @Provide
    Arbitrary<List<String>> stops() {
        return Arbitraries.of("cat", "a", "t ", "\uD83D\uDE01", "é\uD83D\uDE01", "x", "\n", "ca\uFFFD")
                .list()
                .ofMaxSize(2);
    }

    private static PreparedCall call(
            final boolean isCompletion,
            final List<Integer> prompt,
            final List<String> stops,
            final boolean isEchoed,
            final boolean isStream) {
        final GenerationFields fields = new GenerationFields(
                null,
                new SamplingFields(1, 1, 0, 0, 0, 0, 1, Map.of(), null),
                20,
                0,
                stops,
                Set.of(),
                false,
                1,
                isStream,
                false,
                false,
                1,
                false,
                false,
                OutputRules.NONE,
                0,
                -1,
                false,
                false,
                "max_tokens");
        final Shape.Extras extras = new Shape.Extras(new TokenLabels(TEXT, false), true, false);
        final EchoedPrompt echo = isEchoed ? EchoedPrompt.of(TEXT, prompt, null) : null;
        return new PreparedCall(
                isCompletion ? new Shape.Completion(extras) : new Shape.Chat(extras),
                fields,
                List.of(new PreparedPrompt(prompt, 20, echo)),
                1,
                false,
                false,
                List.of(),
                PreparedCall.Limits.NONE);
    }

    /** The choices of a call's answer: one if it is whole, one a chunk if it is a stream. */
    private static List<JsonNode> play(final PreparedCall call, final List<Integer> answer) throws IOException {
        final AnswerWriter writer = new AnswerWriter(call, MODEL, "id", 1);
        final ChoiceState choice = new ChoiceState(call, 0, TEXT, Set.of(PieceText.SPECIAL));
        final List<JsonNode> choices = new ArrayList<>();
        final List<TokenScores> scores = new ArrayList<>();
        for (final int id : call.promptOf(0).tokens()) {
            scores.add(score(id));
        }
        choice.onPrompt(scores.subList(1, scores.size()), 0);
        show(call, choice, writer, choices);
        for (int i = 0; i < answer.size() && !choice.isFinished(); i++) {
            choice.onToken(i, answer.get(i), score(answer.get(i)));
            show(call, choice, writer, choices);
        }
        if (!choice.isFinished()) {
            choice.onFinished(FinishReason.LENGTH);
            show(call, choice, writer, choices);
        }
        if (!call.fields().stream()) {
            choices.add(written(json -> writer.whole(json, List.of(choice), usage())));
        }
        return choices;
    }

    private static TokenScores score(final int id) {
        return new TokenScores(id, -1, List.of(new TokenScores.Candidate(id, -1)));
    }

    private static void show(
            final PreparedCall call, final ChoiceState choice, final AnswerWriter writer, final List<JsonNode> choices)
            throws IOException {
        if (!call.fields().stream()) {
            return;
        }
        final List<ShownPart> parts = choice.parts();
        if (call.shape().isShown(parts)) {
            choices.add(written(json -> writer.delta(json, 0, parts, null, usage())));
        }
        choice.shown(parts);
    }

    private static Usage usage() {
        return new Usage(0, 0, 0, 0, 0);
    }

    private interface Written {
        void to(JsonGenerator json) throws IOException;
    }

    private static JsonNode written(final Written body) throws IOException {
        final StringWriter out = new StringWriter();
        try (JsonGenerator json = MAPPER.createGenerator(out)) {
            body.to(json);
        }
        return MAPPER.readTree(out.toString()).at("/choices/0");
    }

    private static Shown completion(final List<JsonNode> choices) {
        final StringBuilder text = new StringBuilder();
        final List<String> labels = new ArrayList<>();
        final List<Integer> offsets = new ArrayList<>();
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (final JsonNode choice : choices) {
            text.append(choice.get("text").textValue());
            choice.at("/logprobs/text_offset").forEach(offset -> offsets.add(offset.intValue()));
            for (final JsonNode token : choice.at("/logprobs/tokens")) {
                final String label = token.textValue();
                labels.add(label);
                bytes.writeBytes(bytesOf(label));
            }
        }
        return new Shown(text.toString(), labels, offsets, Utf8.decoded(bytes.toByteArray()));
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
}
