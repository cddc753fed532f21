package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonGenerator;
import io.cheshire.http.protocol.Prompt;
import io.cheshire.http.protocol.SegmentFields;
import io.cheshire.model.protocol.ScoreHead.Activation;
import io.cheshire.router.core.PooledRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a head says, in vLLM's shapes. Pure, single-threaded. */
public final class ScoreAnswer {
    private final ScoreCall call;
    private final ModelInfo model;
    private final String id;
    private final long createdSeconds;

    /** An answer with this id. */
    public ScoreAnswer(final ScoreCall call, final ModelInfo model, final String id, final long createdSeconds) {
        this.call = call;
        this.model = model;
        this.id = id;
        this.createdSeconds = createdSeconds;
    }

    /** Writes all of it; {@code choices} are those of the inputs, in their order. */
    public void write(final JsonGenerator json, final List<ChoiceState> choices, final Usage usage) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id);
        json.writeStringField("object", "list");
        json.writeNumberField("created", createdSeconds);
        json.writeStringField("model", model.id());
        json.writeStringField("system_fingerprint", model.fingerprint());
        switch (call.request().kind()) {
            case RERANK -> ranked(json, choices);
            case CLASSIFY, SCORE, POOL_TEXTS, POOL_TOKENS -> {
                json.writeArrayFieldStart("data");
                for (int i = 0; i < choices.size(); i++) {
                    json.writeStartObject();
                    json.writeNumberField("index", i);
                    one(json, i, choices.get(i));
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
        }
        usage.write(json);
        json.writeEndObject();
    }

    private void one(final JsonGenerator json, final int input, final ChoiceState choice) throws IOException {
        switch (call.request().kind()) {
            case CLASSIFY -> classes(json, choice);
            case SCORE, RERANK -> {
                json.writeStringField("object", "score");
                json.writeNumberField("score", score(choice));
            }
            case POOL_TEXTS -> {
                json.writeStringField("object", "pooling");
                json.writeFieldName("data");
                numbers(json, outputs(choice.pooled().getFirst()));
            }
            case POOL_TOKENS -> tokens(json, input, choice);
        }
    }

    private void classes(final JsonGenerator json, final ChoiceState choice) throws IOException {
        final float[] probabilities = outputs(choice.pooled().getFirst());
        json.writeStringField("label", call.head().labels().get(Activations.best(probabilities)));
        json.writeFieldName("probs");
        numbers(json, probabilities);
        json.writeNumberField("num_classes", probabilities.length);
    }

    private void tokens(final JsonGenerator json, final int input, final ChoiceState choice) throws IOException {
        json.writeStringField("object", "pooling");
        json.writeArrayFieldStart("data");
        for (final PooledRow row : choice.pooled()) {
            numbers(json, outputs(row));
        }
        json.writeEndArray();
        final SegmentFields segments = call.segments(input);
        if (segments != null) {
            segments(json, segments, choice);
        }
    }

    private void segments(final JsonGenerator json, final SegmentFields fields, final ChoiceState choice)
            throws IOException {
        final SegmentFields.Normaliser fit = fields.normaliser();
        final int count = choice.prompt().tokens().size();
        double sum = 0;
        int start = fields.from();
        json.writeArrayFieldStart("segments");
        for (final PooledRow row : choice.pooled()) {
            final float reward = outputs(row)[0];
            sum += reward;
            json.writeStartObject();
            json.writeNumberField("start", start);
            json.writeNumberField("end", row.position());
            json.writeNumberField("reward", reward);
            if (fit != null) {
                final float normalised = Segments.normalised(fit, reward, row.position(), fields.from(), count);
                json.writeFieldName("normalized_reward");
                if (Float.isFinite(normalised)) {
                    json.writeNumber(normalised);
                } else {
                    json.writeNull();
                }
            }
            json.writeEndObject();
            start = row.position() + 1;
        }
        json.writeEndArray();
        json.writeNumberField("reward", (float) (sum / choice.pooled().size()));
    }

    /** The best first, of equals the first. */
    private void ranked(final JsonGenerator json, final List<ChoiceState> choices) throws IOException {
        final List<Integer> order = new ArrayList<>();
        for (int i = 0; i < choices.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingDouble((Integer i) -> -score(choices.get(i))));
        final int topN = call.request().topN();
        json.writeArrayFieldStart("results");
        for (final int i : topN == 0 ? order : order.subList(0, Math.min(topN, order.size()))) {
            json.writeStartObject();
            json.writeNumberField("index", i);
            if (call.request().inputs().get(i).second() instanceof Prompt.Text(final String text)) {
                json.writeObjectFieldStart("document");
                json.writeStringField("text", text);
                json.writeEndObject();
            }
            json.writeNumberField("relevance_score", score(choices.get(i)));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private float score(final ChoiceState choice) {
        return outputs(choice.pooled().getFirst())[0];
    }

    private float[] outputs(final PooledRow row) {
        final Activation activation = call.request().activates() ? call.head().activation() : Activation.NONE;
        return Activations.apply(activation, row.outputs());
    }

    private static void numbers(final JsonGenerator json, final float[] numbers) throws IOException {
        json.writeStartArray();
        for (final float number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }
}
