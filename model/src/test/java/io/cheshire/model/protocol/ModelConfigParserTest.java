package io.cheshire.model.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigParserTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** In the shape in which Phi-3.5-MoE is published, with heads of 4 so that the factors are two. */
    private static final String PUBLISHED = """
            {"architectures": ["PhiMoEForCausalLM"], "model_type": "phimoe",
             "auto_map": {"AutoConfig": "configuration_phimoe.PhiMoEConfig"},
             "vocab_size": 320, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
             "num_attention_heads": 4, "num_key_value_heads": 2, "num_local_experts": 8, "num_experts_per_tok": 2,
             "hidden_act": "silu", "rms_norm_eps": 1e-05, "router_jitter_noise": 0.01, "attention_bias": true,
             "lm_head_bias": true, "rope_theta": 10000.0, "max_position_embeddings": 131072,
             "original_max_position_embeddings": 4096, "sliding_window": 131072, "tie_word_embeddings": false,
             "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.5], "long_factor": [2, 4.25],
               "short_mscale": 1.243163121016122, "long_mscale": 1.25, "original_max_position_embeddings": 4096},
             "bos_token_id": 1, "eos_token_id": 200, "torch_dtype": "bfloat16", "attention_dropout": 0.0}
            """;

    private static ObjectNode published() {
        try {
            return (ObjectNode) MAPPER.readTree(PUBLISHED);
        } catch (final java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ModelConfig parse(final String json) {
        return ModelConfigParser.parse(json.getBytes(StandardCharsets.UTF_8), "config.json");
    }

    private static ModelConfig parsedAfter(final Consumer<ObjectNode> change) {
        final ObjectNode json = published();
        change.accept(json);
        return parse(json.toString());
    }

    private static List<String> problemsAfter(final Consumer<ObjectNode> change) {
        final ModelException refused = catchThrowableOfType(ModelException.class, () -> parsedAfter(change));
        assertThat(refused).as("the config must be refused").isNotNull();
        return refused.problems();
    }

    @Test
    void shouldReadEveryFieldOfAPublishedConfig() {
        final ModelConfig config = parse(PUBLISHED);

        assertThat(config)
                .isEqualTo(new ModelConfig(
                        "phimoe",
                        320,
                        16,
                        24,
                        2,
                        4,
                        2,
                        4,
                        8,
                        2,
                        1e-5,
                        0.01,
                        true,
                        true,
                        10000.0,
                        new RopeScaling(List.of(1.0, 1.5), List.of(2.0, 4.25), 1.243163121016122, 1.25, 4096),
                        131072,
                        null,
                        false,
                        GateKind.SPARSE_MIXER,
                        1,
                        List.of(200),
                        null));
    }

    @Test
    void shouldGiveBackWhatTheWriterWrites() {
        final ModelConfig config = parse(PUBLISHED);

        assertThat(parse(ModelConfigWriter.toJson(config))).isEqualTo(config);
        assertThat(parse(ModelConfigWriter.canonical(config))).isEqualTo(config);
    }

    @Test
    void shouldLeaveOutTheHeadWidthThatFollowsFromTheOthers() {
        final ModelConfig config = parse(PUBLISHED);

        assertThat(config.headDim() * config.headCount()).isEqualTo(config.hiddenSize());
        assertThat(ModelConfigWriter.toJson(config)).doesNotContain("head_dim");
        assertThat(ModelConfigWriter.canonical(config)).contains("\"head_dim\":");
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "num_local_experts | 0 | between 1 and 1024",
                "num_local_experts | -1 | between 1 and 1024",
                "num_local_experts | 2147483648 | between 1 and 1024",
                "num_local_experts | 1e1 | integer",
                "num_local_experts | \"8\" | integer",
                "num_local_experts | true | integer",
                "num_local_experts | [8] | integer",
                "num_experts_per_tok | 9 | must not exceed num_local_experts = 8",
                "num_experts_per_tok | 1 | exactly 2",
                "num_experts_per_tok | 0 | between",
                "num_attention_heads | 3 | multiple of num_attention_heads = 3",
                "num_key_value_heads | 3 | must divide num_attention_heads = 4",
                "head_dim | 3 | even",
                "head_dim | 0 | between",
                "head_dim | 100000 | between",
                "rms_norm_eps | NaN | greater than 0",
                "rms_norm_eps | 0 | greater than 0",
                "rms_norm_eps | -1e-5 | greater than 0",
                "rms_norm_eps | 1e400 | greater than 0",
                "rms_norm_eps | Infinity | greater than 0",
                "rms_norm_eps | \"1e-5\" | greater than 0",
                "router_jitter_noise | -0.01 | from 0 to 0.5",
                "router_jitter_noise | 0.51 | from 0 to 0.5",
                "router_jitter_noise | NaN | from 0 to 0.5",
                "router_jitter_noise | \"0\" | from 0 to 0.5",
                "rope_theta | -1 | greater than 0",
                "vocab_size | 99999999999999999999 | between",
                "vocab_size | 2.5 | integer",
                "hidden_act | \"gelu\" | only \"silu\"",
                "hidden_act | 7 | only \"silu\"",
                "attention_bias | \"yes\" | true or false",
                "lm_head_bias | 1 | true or false",
                "tie_word_embeddings | \"false\" | true or false",
                "sliding_window | 0 | between",
                "sliding_window | \"none\" | integer",
                "eos_token_id | 320 | between 0 and 319",
                "eos_token_id | [200, -1] | between 0 and 319",
                "eos_token_id | \"</s>\" | integer",
                "bos_token_id | 320 | between",
                "rope_scaling | \"longrope\" | an object or null",
                "original_max_position_embeddings | 2048 | they must agree",
                "max_position_embeddings | 0 | between"
            })
    void shouldRefuseByField(final String field, final String value, final String expected) {
        final String key = "\"" + field + "\":";
        final ObjectNode without = published();
        without.remove(field);
        final String json = "{" + key + value + "," + without.toString().substring(1);

        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(field)
                .hasMessageContaining(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
                "num_key_value_heads", "num_local_experts", "num_experts_per_tok", "hidden_act", "rms_norm_eps",
                "router_jitter_noise", "rope_theta", "max_position_embeddings"
            })
    void shouldPresetNothingThatTheForwardPassNeeds(final String field) {
        assertThat(problemsAfter(json -> json.remove(field))).anyMatch(p -> p.startsWith(field + " is missing"));
        assertThat(problemsAfter(json -> json.putNull(field))).anyMatch(p -> p.startsWith(field + " is missing"));
    }

    @ParameterizedTest(name = "rope_scaling.{0} = {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "type | \"yarn\" | longrope",
                "type | null | is missing",
                "rope_type | \"linear\" | must agree",
                "short_factor | [1.0] | head_dim / 2 = 2",
                "short_factor | [1.0, 2.0, 3.0] | head_dim / 2 = 2",
                "long_factor | null | is missing",
                "long_factor | 3 | a list of 2",
                "long_factor | [1.0, 0] | greater than 0",
                "long_factor | [1.0, \"x\"] | greater than 0",
                "short_mscale | 0 | greater than 0",
                "long_mscale | \"1\" | greater than 0",
                "original_max_position_embeddings | 1 | between 2",
                "original_max_position_embeddings | 2048 | they must agree"
            })
    void shouldRefuseRopeScalingByField(final String field, final String value, final String expected)
            throws Exception {
        final var node = MAPPER.readTree(value);

        assertThat(problemsAfter(json -> ((ObjectNode) json.get("rope_scaling")).set(field, node)))
                .anyMatch(problem -> problem.startsWith("rope_scaling." + field) && problem.contains(expected));
    }

    @Test
    void shouldRefuseNonFiniteFactors() {
        assertThatThrownBy(() -> parse(PUBLISHED.replace("[1.0, 1.5]", "[1.0, NaN]")))
                .hasMessageContaining("rope_scaling.short_factor[1]");
        assertThatThrownBy(() -> parse(PUBLISHED.replace("[2, 4.25]", "[Infinity, 4.25]")))
                .hasMessageContaining("rope_scaling.long_factor[0]");
    }

    @Test
    void shouldListAllProblemsAtOnce() {
        assertThat(problemsAfter(json ->
                        json.put("vocab_size", 0).put("num_experts_per_tok", 9).put("hidden_act", "relu")))
                .hasSize(3);
    }

    @Test
    void shouldRefuseDuplicateKeysTrailingTextAndDeepNesting() {
        assertThatThrownBy(() -> parse("{\"vocab_size\": 1, \"vocab_size\": 2}"))
                .hasMessageContaining("Duplicate");
        assertThatThrownBy(() -> parse(PUBLISHED + "{}")).isInstanceOf(ModelException.class);
        assertThatThrownBy(() -> parse("{\"a\":".repeat(100))).isInstanceOf(ModelException.class);
        assertThatThrownBy(() -> parse("[]")).hasMessageContaining("JSON object");
        assertThatThrownBy(() -> ModelConfigParser.parse(new byte[] {'{', (byte) 0xff, '}'}, "config.json"))
                .hasMessageContaining("UTF-8");
        assertThatThrownBy(
                        () -> ModelConfigParser.parse(new byte[ModelConfigParser.MAX_CONFIG_BYTES + 1], "config.json"))
                .hasMessageContaining("at most");
    }

    @Test
    void shouldRefuseOtherFamiliesClearly() {
        assertThat(problemsAfter(json -> json.put("model_type", "mixtral")))
                .singleElement()
                .asString()
                .contains("RMSNorm is not served");
        assertThat(problemsAfter(json -> json.put("model_type", "llama")))
                .singleElement()
                .asString()
                .contains("only phimoe and grinmoe");
        assertThat(problemsAfter(json -> json.put("model_type", "phi3")))
                .singleElement()
                .asString()
                .contains("phi3, not phimoe", "dense");
        assertThat(problemsAfter(json -> json.remove("model_type")))
                .singleElement()
                .asString()
                .contains("missing");
    }

    @Test
    void shouldTakeBiasesFromTheClassThatTheFileNames() {
        final ModelConfig remote = parsedAfter(json -> json.remove(List.of("attention_bias", "lm_head_bias")));
        final ModelConfig builtIn =
                parsedAfter(json -> json.remove(List.of("attention_bias", "lm_head_bias", "auto_map")));

        assertThat(remote.attentionBias() && remote.lmHeadBias()).isTrue();
        assertThat(builtIn.attentionBias() || builtIn.lmHeadBias()).isFalse();
    }

    /** As its tensors are those of Phi-3.5-MoE, so is all but its names. */
    @ParameterizedTest
    @ValueSource(strings = {"GRINMoEForCausalLM", "GRIN-MoE"})
    void shouldServeGrinUnderItsOwnNames(final String architecture) {
        final ModelConfig config = parsedAfter(json -> {
            json.put("model_type", "grinmoe").put("sliding_window", 2047);
            json.putArray("architectures").add(architecture);
            json.putObject("auto_map")
                    .put("AutoConfig", "configuration_grinmoe.GRINMoEConfig")
                    .put("AutoModelForCausalLM", "modeling_grinmoe.GRINMoEForCausalLM");
            json.remove(List.of("attention_bias", "lm_head_bias"));
        });
        final ModelConfig phi = parsedAfter(json -> json.put("sliding_window", 2047));

        assertThat(config.modelType()).isEqualTo("grinmoe");
        assertThat(config.slidingWindow()).isEqualTo(2047);
        assertThat(config.attentionBias() && config.lmHeadBias()).isTrue();
        assertThat(ModelConfigWriter.canonical(config)).isEqualTo(ModelConfigWriter.canonical(phi));
        assertThat(parse(ModelConfigWriter.toJson(config))).isEqualTo(config);
    }

    @Test
    void shouldNameTheTypeThatTheArchitectureHas() {
        assertThat(problemsAfter(json -> {
                    json.remove("model_type");
                    json.putArray("architectures").add("GRINMoEForCausalLM");
                }))
                .singleElement()
                .asString()
                .contains("model_type is missing", "architectures names GRINMoEForCausalLM", "model_type is grinmoe");
        assertThat(problemsAfter(json -> json.put("model_type", "grinmoe").put("num_experts_per_tok", 4)))
                .singleElement()
                .asString()
                .contains("num_experts_per_tok is 4");
    }

    /** W keys and the token's own in Microsoft's classes, W with it in the one built into transformers. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"AutoConfig\":\"configuration_phimoe.PhiMoEConfig\"}                                         | 8",
                "{\"AutoModelForCausalLM\":\"modeling_slimmoe.PhiMoEForCausalLM\"}                             | 8",
                "{\"AutoModelForCausalLM\":\"microsoft/Phi-3.5-MoE-instruct--modeling_phimoe.PhiMoEForCausalLM\"} | 8",
                "{\"AutoModelForCausalLM\":\"modeling_phimoe.PhimoeForCausalLM\"}                              | 7",
                "{\"AutoTokenizer\":[null,\"x.Y\"]}                                                           | 7",
                "{}                                                                                          | 7",
                "null                                                                                        | 7"
            })
    void shouldCountAWindowAsTheClassThatTheFileNames(final String autoMap, final int keysBefore) throws Exception {
        final var node = MAPPER.readTree(autoMap);
        final ModelConfig config =
                parsedAfter(json -> json.put("sliding_window", 8).set("auto_map", node));

        assertThat(config.slidingWindow()).isEqualTo(keysBefore);
        assertThat(parse(ModelConfigWriter.toJson(config)).slidingWindow()).isEqualTo(keysBefore);
        assertThat(parse(ModelConfigWriter.canonical(config)).slidingWindow()).isEqualTo(keysBefore);
    }

    @Test
    void shouldReadAWindowThatHidesNothingAsNone() {
        final ModelConfig remote =
                parsedAfter(json -> json.put("max_position_embeddings", 5000).put("sliding_window", 4999));
        final ModelConfig builtIn = parsedAfter(json -> {
            json.put("max_position_embeddings", 5000).put("sliding_window", 4999);
            json.remove("auto_map");
        });

        assertThat(remote.slidingWindow()).isNull();
        assertThat(builtIn.slidingWindow()).isEqualTo(4998);
    }

    @Test
    void shouldRefuseAClassThatItDoesNotKnow() {
        assertThat(problemsAfter(
                        json -> json.putObject("auto_map").put("AutoModelForCausalLM", "modeling_x.OtherForCausalLM")))
                .singleElement()
                .asString()
                .contains("auto_map names modeling_x.OtherForCausalLM", "Remove auto_map");
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "quantization_config | {\"quant_method\":\"fp8\",\"activation_scheme\":\"dynamic\"} | quantised by fp8",
                "quantization_config | {\"quant_method\":\"gptq\",\"bits\":4} | quantised by gptq",
                "quantization_config | {\"load_in_4bit\":true} | load_in_4bit",
                "compression_config | {\"format\":\"pack\"} | pack",
                "architectures | [\"PhiMoEForTokenClassification\"] | only language models",
                "partial_rotary_factor | 0.75 | only 1 is served",
                "layer_types | [\"full_attention\",\"sliding_attention\"] | beside sliding_window = 8"
            })
    void shouldRefuseByNameWhatWouldChangeTheForwardPass(final String field, final String value, final String expected)
            throws Exception {
        final var node = MAPPER.readTree(value);

        assertThat(problemsAfter(json -> json.put("sliding_window", 8).set(field, node)))
                .singleElement()
                .asString()
                .contains(field, expected);
    }

    /** Mixtral-like files say 0.0; the gate's formula holds for it too. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "0.0", "0e5"})
    void shouldReadAGateWithoutABand(final String zero) {
        final ObjectNode without = published();
        without.remove("router_jitter_noise");
        final ModelConfig config = parse(
                "{\"router_jitter_noise\":" + zero + "," + without.toString().substring(1));

        assertThat(config.routerJitterNoise()).isZero();
        assertThat(parse(ModelConfigWriter.toJson(config))).isEqualTo(config);
    }

    @Test
    void shouldReadPlainRopeAndASlidingWindowAsInGrin() {
        final ModelConfig config = parsedAfter(json -> {
            json.remove(List.of("rope_scaling", "original_max_position_embeddings", "eos_token_id", "bos_token_id"));
            json.put("sliding_window", 2047).put("max_position_embeddings", 4096);
        });

        assertThat(config.ropeScaling()).isNull();
        assertThat(config.slidingWindow()).isEqualTo(2047); // 2,048 keys, as the paper has it
        assertThat(config.eosTokenIds()).isEmpty();
        assertThat(config.bosTokenId()).isEqualTo(-1);
    }

    @Test
    void shouldComputeTheMscaleThatTheFileLeavesOut() {
        final ModelConfig config = parsedAfter(json -> ((ObjectNode) json.get("rope_scaling"))
                .put("type", "su")
                .remove(List.of("short_mscale", "long_mscale")));

        assertThat(config.ropeScaling().shortMscale()).isCloseTo(1.1902380714238083, within(1e-15));
        assertThat(config.ropeScaling().longMscale())
                .isEqualTo(config.ropeScaling().shortMscale());
    }

    @Test
    void shouldFindTheOriginalLengthInsideOrOutside() {
        final ModelConfig inside = parsedAfter(json -> json.remove("original_max_position_embeddings"));
        final ModelConfig outside =
                parsedAfter(json -> ((ObjectNode) json.get("rope_scaling")).remove("original_max_position_embeddings"));

        assertThat(inside).isEqualTo(outside);
        assertThat(problemsAfter(json -> {
                    json.remove("original_max_position_embeddings");
                    ((ObjectNode) json.get("rope_scaling")).remove("original_max_position_embeddings");
                }))
                .singleElement()
                .asString()
                .contains("rope_scaling.original_max_position_embeddings is missing");
    }

    @Test
    void shouldReadRopeParametersAsTransformersFiveWritesThem() {
        final ModelConfig config = parsedAfter(json -> {
            final ObjectNode rope = (ObjectNode) json.remove("rope_scaling");
            rope.remove("type");
            rope.put("rope_type", "longrope").put("rope_theta", 10000.0);
            json.set("rope_parameters", rope);
            json.remove("rope_theta");
        });

        assertThat(config).isEqualTo(parse(PUBLISHED));
        assertThat(problemsAfter(json -> json.putObject("rope_parameters").put("rope_type", "default")))
                .anyMatch(problem -> problem.contains("both given"));
    }

    @Test
    void shouldHonourAnExplicitHeadDimThatIsNotHiddenOverHeads() {
        final ModelConfig config = parsedAfter(json -> {
            json.put("head_dim", 6).put("num_attention_heads", 3).put("num_key_value_heads", 1);
            json.remove("rope_scaling");
        });

        assertThat(config.headDim()).isEqualTo(6);
        assertThat(config.queryWidth()).isEqualTo(18);
    }

    @Test
    void shouldReadStopIdsAsNumberOrList() {
        assertThat(parsedAfter(json -> json.putArray("eos_token_id").add(7).add(200))
                        .eosTokenIds())
                .containsExactly(7, 200);
    }

    @Test
    void shouldNotLetUnknownKeysChangeAnything() {
        assertThat(parsedAfter(json -> json.put("norm_topk_prob", true).put("torch_dtype", 3)))
                .isEqualTo(parse(PUBLISHED));
    }
}
