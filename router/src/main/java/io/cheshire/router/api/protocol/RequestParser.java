package io.cheshire.router.api.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Request bodies to records. Strict: unknown fields, wrong types and values out of range are refused by name; fields
 * of OpenAI's API that are not implemented are refused unless their value changes nothing ({@code tools: []},
 * {@code response_format: {"type":"text"}}, {@code store: false}, …). Thread-safe.
 */
public final class RequestParser {
    static final double PENALTY_LIMIT = 2;
    private static final double BIAS_LIMIT = 100;
    private static final double MAX_TEMPERATURE = 2;
    private static final double MAX_REPETITION_PENALTY = 2;

    private static final String LATER = "it is not implemented.";
    private static final Map<String, String> UNSUPPORTED = Map.ofEntries(
            Map.entry("audio", LATER),
            Map.entry("chat_template", "the checkpoint's own template is used."),
            Map.entry("chat_template_kwargs", "the checkpoint's own template is used."),
            Map.entry("function_call", LATER),
            Map.entry("guided_choice", LATER),
            Map.entry("guided_grammar", LATER),
            Map.entry("guided_json", LATER),
            Map.entry("guided_regex", LATER),
            Map.entry("lora_request", LATER),
            Map.entry("prediction", LATER),
            Map.entry("prompt_embeds", LATER),
            Map.entry("prompt_logprobs", "use /v1/completions with echo and logprobs."),
            Map.entry("reasoning_effort", LATER),
            Map.entry("structured_outputs", LATER),
            Map.entry("use_beam_search", LATER),
            Map.entry("verbosity", LATER),
            Map.entry("web_search_options", LATER));

    private final HttpLimits.Api limits;
    private final StrictJson json;

    /** A parser with these limits. */
    public RequestParser(final HttpLimits limits) {
        this.limits = limits.api();
        this.json = new StrictJson(limits.json());
    }

    /** {@code POST /v1/chat/completions}. */
    public ChatRequest chat(final byte[] body) {
        final FieldReader fields = new FieldReader(json.parseObject(body), "");
        final List<ChatMessage> messages = messages(fields);
        final boolean wanted = fields.bool("logprobs", false);
        final Integer top = fields.integerOrNull("top_logprobs", 0, limits.topLogprobs());
        if (top != null && !wanted) {
            throw fields.wrong("top_logprobs", "needs logprobs to be true");
        }
        final Integer newName = fields.integerOrNull("max_completion_tokens", 1, Integer.MAX_VALUE);
        final Integer oldName = fields.integerOrNull("max_tokens", 1, Integer.MAX_VALUE);
        if (newName != null && oldName != null && !newName.equals(oldName)) {
            throw fields.wrong("max_tokens", "differs from max_completion_tokens; send one of them");
        }
        HarmlessFields.checkChat(fields);
        final int logprobs = !wanted ? -1 : top == null ? 0 : top;
        final GenerationFields common = common(fields, newName != null ? newName : oldName, logprobs);
        fields.finish(UNSUPPORTED);
        return new ChatRequest(common, messages);
    }

    /** {@code POST /v1/completions}. */
    public CompletionRequest completion(final byte[] body) {
        final FieldReader fields = new FieldReader(json.parseObject(body), "");
        final List<Prompt> prompts = new PromptParser(limits).prompts(fields);
        final boolean echo = fields.bool("echo", false);
        final Integer logprobs = fields.integerOrNull("logprobs", 0, limits.topLogprobs());
        final Integer maxTokens = fields.integerOrNull("max_tokens", 0, Integer.MAX_VALUE);
        if (maxTokens != null && maxTokens == 0 && !echo) {
            throw fields.wrong("max_tokens", "is 0, which is only of use with echo; ask for at least 1");
        }
        final String suffix = fields.text("suffix", limits.promptBytes());
        if (suffix != null && !suffix.isEmpty()) {
            throw fields.wrong("suffix", "is not supported: the model does not insert");
        }
        final GenerationFields common = common(fields, maxTokens, logprobs == null ? -1 : logprobs);
        final Integer bestOf = fields.integerOrNull("best_of", 1, limits.choices());
        if (bestOf != null && bestOf != common.n()) {
            throw fields.wrong("best_of", "is " + bestOf + "; only the value of n, " + common.n() + ", is supported");
        }
        if (Math.multiplyExact(prompts.size(), common.n()) > limits.sequences()) {
            throw fields.wrong(
                    "n",
                    "times the number of prompts is " + prompts.size() * common.n() + "; the limit is "
                            + limits.sequences());
        }
        HarmlessFields.checkCompletion(fields);
        fields.finish(UNSUPPORTED);
        return new CompletionRequest(common, prompts, echo);
    }

    /** {@code POST /tokenize}: a prompt, or messages to be rendered. */
    public TokenizeRequest tokenize(final byte[] body) {
        final FieldReader fields = new FieldReader(json.parseObject(body), "");
        final String model = fields.text("model", Integer.MAX_VALUE);
        final String prompt = fields.text("prompt", limits.promptBytes());
        final List<ChatMessage> messages = fields.get("messages") == null ? List.of() : messages(fields);
        final boolean special = fields.bool("add_special_tokens", true);
        if ((prompt == null) == messages.isEmpty()) {
            throw fields.wrong("prompt", "or messages is needed, and only one of them");
        }
        fields.finish(Map.of());
        return new TokenizeRequest(model, prompt, messages, special);
    }

    /** {@code POST /detokenize}. */
    public DetokenizeRequest detokenize(final byte[] body) {
        final FieldReader fields = new FieldReader(json.parseObject(body), "");
        final String model = fields.text("model", Integer.MAX_VALUE);
        final JsonNode tokens = fields.get("tokens");
        if (tokens == null || !tokens.isArray()) {
            throw fields.wrong("tokens", "must be a list of token ids");
        }
        final List<Integer> ids = PromptParser.ids(tokens, "tokens");
        fields.finish(Map.of());
        return new DetokenizeRequest(model, ids);
    }

    /** Body of {@code POST /tokenize}; either {@code prompt} or {@code messages} is present. */
    public record TokenizeRequest(
            @Nullable String model, @Nullable String prompt, List<ChatMessage> messages, boolean addSpecialTokens) {
        public TokenizeRequest {
            messages = List.copyOf(messages);
        }
    }

    /** Body of {@code POST /detokenize}. */
    public record DetokenizeRequest(@Nullable String model, List<Integer> tokens) {
        public DetokenizeRequest {
            tokens = List.copyOf(tokens);
        }
    }

    private List<ChatMessage> messages(final FieldReader fields) {
        return new MessageParser(limits).messages(fields);
    }

    private GenerationFields common(final FieldReader fields, final @Nullable Integer maxTokens, final int logprobs) {
        final boolean stream = fields.bool("stream", false);
        final int minTokens = fields.integer("min_tokens", 0, 0, Integer.MAX_VALUE);
        if (maxTokens != null && minTokens > maxTokens) {
            throw fields.wrong("min_tokens", "is " + minTokens + ", more than max_tokens, " + maxTokens);
        }
        fields.text("user", limits.identifierChars());
        final StreamOptions options = StreamOptions.of(fields, stream);
        return new GenerationFields(
                fields.text("model", Integer.MAX_VALUE),
                sampling(fields),
                maxTokens,
                minTokens,
                stop(fields),
                stopTokenIds(fields),
                fields.bool("ignore_eos", false),
                fields.integer("n", 1, 1, limits.choices()),
                stream,
                options.includeUsage(),
                options.continuousUsage(),
                logprobs,
                fields.bool("return_token_ids", false),
                fields.bool("return_tokens_as_token_ids", false));
    }

    private SamplingFields sampling(final FieldReader fields) {
        final double topP = fields.number("top_p", 1, 0, 1);
        if (topP == 0) {
            throw fields.wrong("top_p", "is 0; it must be above 0 (greedy decoding is temperature 0)");
        }
        final double repetition = fields.number("repetition_penalty", 1, 0, MAX_REPETITION_PENALTY);
        if (repetition == 0) {
            throw fields.wrong("repetition_penalty", "is 0; it must be above 0, at most " + MAX_REPETITION_PENALTY);
        }
        final int topK = fields.integer("top_k", 0, -1, Integer.MAX_VALUE);
        return new SamplingFields(
                fields.number("temperature", 1, 0, MAX_TEMPERATURE),
                topP,
                Math.max(0, topK),
                fields.number("min_p", 0, 0, 1),
                fields.number("presence_penalty", 0, -PENALTY_LIMIT, PENALTY_LIMIT),
                fields.number("frequency_penalty", 0, -PENALTY_LIMIT, PENALTY_LIMIT),
                repetition,
                logitBias(fields),
                fields.longOrNull("seed"));
    }

    private Map<Integer, Double> logitBias(final FieldReader fields) {
        final JsonNode value = fields.get("logit_bias");
        if (value == null) {
            return Map.of();
        }
        if (!value.isObject()) {
            throw fields.wrong("logit_bias", "must be an object of token id to number");
        }
        if (value.size() > limits.logitBias()) {
            throw fields.wrong("logit_bias", "has " + value.size() + " entries; the limit is " + limits.logitBias());
        }
        final Map<Integer, Double> bias = new LinkedHashMap<>();
        for (final Map.Entry<String, JsonNode> entry : value.properties()) {
            if (!entry.getKey().matches("0|[1-9][0-9]{0,8}")) {
                throw fields.wrong("logit_bias", "has a key that is not a token id");
            }
            bias.put(
                    Integer.valueOf(entry.getKey()),
                    FieldReader.numberOf(entry.getValue(), "logit_bias", -BIAS_LIMIT, BIAS_LIMIT));
        }
        return bias;
    }

    private List<String> stop(final FieldReader fields) {
        final JsonNode value = fields.get("stop");
        if (value == null) {
            return List.of();
        }
        final List<String> stops = new ArrayList<>();
        if (value.isTextual()) {
            stops.add(value.textValue());
        } else if (value.isArray()) {
            if (value.size() > limits.stops()) {
                throw fields.wrong("stop", "has " + value.size() + " entries; the limit is " + limits.stops());
            }
            value.forEach(element -> stops.add(element.isTextual() ? element.textValue() : ""));
        } else {
            throw fields.wrong("stop", "must be a string or a list of strings");
        }
        for (final String stop : stops) {
            if (stop.isEmpty() || stop.length() > limits.stopChars()) {
                throw fields.wrong("stop", "entries must be strings of 1 to " + limits.stopChars() + " characters");
            }
        }
        return stops;
    }

    private Set<Integer> stopTokenIds(final FieldReader fields) {
        final JsonNode value = fields.get("stop_token_ids");
        if (value == null) {
            return Set.of();
        }
        if (!value.isArray() || value.size() > limits.stopTokenIds()) {
            throw fields.wrong("stop_token_ids", "must be a list of at most " + limits.stopTokenIds() + " token ids");
        }
        return new LinkedHashSet<>(PromptParser.ids(value, "stop_token_ids"));
    }
}
