package io.cheshire.model.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.protocol.ScoreHead.Activation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoreHeadFieldsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The golden model's config as transformers writes one of a classifier: fields of the base stay. */
    private static ObjectNode file(final String architecture, final String more) throws JsonProcessingException {
        final ObjectNode json = (ObjectNode) MAPPER.readTree(ModelConfigWriter.toJson(GoldenModel.config()));
        json.putArray("architectures").add(architecture);
        json.setAll((ObjectNode) MAPPER.readTree("{" + more + "}"));
        return json;
    }

    private static ModelConfig parse(final ObjectNode json) {
        return ModelConfigParser.parse(json.toString().getBytes(StandardCharsets.UTF_8), "config.json");
    }

    @ParameterizedTest
    @CsvSource({"PhimoeForSequenceClassification", "PhiMoEForSequenceClassification"})
    void shouldReadLabelsAndForgetTheHeadOfALanguageModel(final String architecture) throws Exception {
        final ModelConfig config = parse(file(
                architecture,
                "\"id2label\": {\"0\": \"bad\", \"1\": \"good\", \"2\": \"?\"}, \"pad_token_id\": 7,"
                        + "\"tie_word_embeddings\": true"));

        assertThat(config.scoreHead()).isEqualTo(new ScoreHead(List.of("bad", "good", "?"), Activation.SOFTMAX, 7));
        assertThat(config.headWidth()).isEqualTo(3);
        assertThat(config.lmHeadBias() || config.tieWordEmbeddings()).isFalse();
        assertThat(ModelConfigParser.parse(ModelConfigWriter.toJson(config).getBytes(StandardCharsets.UTF_8), "again"))
                .isEqualTo(config);
        assertThat(ModelConfigWriter.canonical(config)).isNotEqualTo(ModelConfigWriter.canonical(GoldenModel.config()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "\"num_labels\": 1                                                   | 1 | SIGMOID",
                "\"num_labels\": 1, \"problem_type\": \"regression\"                 | 1 | NONE",
                "\"num_labels\": 1, \"problem_type\": \"single_label_classification\" | 1 | SIGMOID",
                "\"num_labels\": 4                                                   | 4 | SOFTMAX",
                "\"num_labels\": 4, \"problem_type\": \"multi_label_classification\"  | 4 | SIGMOID",
                "\"problem_type\": null                                              | 2 | SOFTMAX"
            })
    void shouldMakeProbabilitiesAsTheProblemAsks(final String more, final int labels, final Activation activation)
            throws Exception {
        final ScoreHead head =
                parse(file("PhimoeForSequenceClassification", more)).scoreHead();
        assertThat(head.labelCount()).isEqualTo(labels);
        assertThat(head.labels()).first().isEqualTo("LABEL_0");
        assertThat(head.activation()).isEqualTo(activation);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "\"num_labels\": 0                                        | num_labels is 0",
                "\"num_labels\": 5000                                     | num_labels is 5000",
                "\"num_labels\": 3, \"id2label\": {\"0\": \"a\"}          | num_labels is 3, but id2label has 1",
                "\"id2label\": {\"0\": \"a\", \"2\": \"b\"}               | id2label.1 is missing",
                "\"id2label\": {\"0\": 5}                                 | id2label.0 is 5",
                "\"problem_type\": \"ranking\"                            | problem_type is ranking",
                "\"pad_token_id\": 64                                     | pad_token_id is 64"
            })
    void shouldRefuseWhatMakesNoHead(final String more, final String words) throws Exception {
        final ObjectNode json = file("PhimoeForSequenceClassification", more);
        final ModelException refused = catchThrowableOfType(ModelException.class, () -> parse(json));
        assertThat(refused.problems()).anySatisfy(line -> assertThat(line).contains(words));
    }

    @Test
    void shouldReadNoLabelsOfALanguageModel() throws Exception {
        assertThat(parse(file("PhimoeForCausalLM", "\"num_labels\": 3")).scoreHead())
                .isNull();
    }
}
