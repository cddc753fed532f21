package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Request bodies to records. No request is answered otherwise than it asks: wrong types and values out of range are
 * refused by name, and so is what this server can't do. What asks for nothing is accepted: null, whatever the field,
 * and the defaults of other servers ({@link KnownFields}). Fields that can't change an answer are accepted and named in
 * {@code ignored} of the request. Thread-safe.
 */
public final class RequestParser {
    static final double PENALTY_LIMIT = 2;
    private static final double BIAS_LIMIT = 100;
    private static final double MAX_TEMPERATURE = 2;
    private static final double MAX_REPETITION_PENALTY = 2;

    private final HttpLimits.Api limits;
    private final RequestJson json;
    private final UnknownFields unknown;

    /** A parser with these limits that refuses unknown fields. */
    public RequestParser(final HttpLimits limits) {
        this(limits, UnknownFields.REFUSE);
    }

    /** A parser with these limits. */
    public RequestParser(final HttpLimits limits, final UnknownFields unknown) {
        this.limits = limits.api();
        this.unknown = unknown;
        this.json = new RequestJson(limits.json());
    }

    /** {@code POST /v1/chat/completions}. */
    public ChatRequest chat(final byte[] body) {
        final IgnoredFields ignored = new IgnoredFields();
        final FieldReader fields = reader(body, ignored);
        final List<ApiChatMessage> messages = messages(fields);
        final boolean wanted = fields.bool("logprobs", false);
        final Integer top = fields.integerOrNull("top_logprobs", 0, limits.topLogprobs());
        if (top != null && top > 0 && !wanted) {
            throw fields.wrong("top_logprobs", "needs logprobs to be true");
        }
        final int logprobs = !wanted ? -1 : top == null ? 0 : top;
        final GenerationFields common = common(fields, TokenBudget.of(fields, 1), logprobs);
        final ToolFields tools = new ToolParser(limits).tools(fields);
        final boolean continuesFinal = continuesFinal(fields, messages);
        fields.finish(KnownFields.Place.CHAT);
        return new ChatRequest(common, messages, tools, continuesFinal, ignored.names());
    }

    /** {@code POST /v1/responses}. */
    public ResponseRequest response(final byte[] body) {
        final IgnoredFields ignored = new IgnoredFields();
        return new ResponseParser(limits, this).request(reader(body, ignored), ignored);
    }

    /** {@code POST /v1/completions}. */
    public CompletionRequest completion(final byte[] body) {
        final IgnoredFields ignored = new IgnoredFields();
        final FieldReader fields = reader(body, ignored);
        final List<Prompt> prompts = new PromptParser(limits).prompts(fields);
        final boolean echo = fields.bool("echo", false);
        final TokenBudget budget = TokenBudget.of(fields, 0);
        if (budget.isZero() && !echo) {
            throw fields.wrong(budget.field(), "is 0, which is only of use with echo; ask for at least 1");
        }
        final String suffix = fields.text("suffix", limits.promptBytes());
        if (suffix != null && !suffix.isEmpty()) {
            throw fields.wrong("suffix", "is not supported: the model does not insert");
        }
        final GenerationFields common = common(fields, budget, completionLogprobs(fields));
        if (Math.multiplyExact(prompts.size(), common.n()) > limits.sequences()) {
            throw fields.wrong(
                    "n",
                    "times the number of prompts is " + prompts.size() * common.n() + "; the limit is "
                            + limits.sequences());
        }
        fields.finish(KnownFields.Place.COMPLETION);
        return new CompletionRequest(common, prompts, echo, ignored.names());
    }

    private FieldReader reader(final byte[] body, final IgnoredFields ignored) {
        return new FieldReader(json.parseObject(body), "", unknown, ignored);
    }

    /** Chat says by false that it wants none; completions, which count, are sent that as well. */
    private int completionLogprobs(final FieldReader fields) {
        final JsonNode value = fields.get("logprobs");
        final boolean none = value == null || (value.isBoolean() && !value.booleanValue());
        return none ? -1 : fields.integer("logprobs", -1, 0, limits.topLogprobs());
    }

    /** {@code POST /classify} and its like; {@code endpoint} of {@code /pooling} is that of tokens. */
    public ScoreRequest score(final ScoreRequest.Kind endpoint, final byte[] body) {
        final IgnoredFields ignored = new IgnoredFields();
        return new ScoreParser(limits).request(endpoint, reader(body, ignored), ignored);
    }

    /** {@code POST /tokenize}: a prompt, or messages to be rendered. */
    public TokenizeRequest tokenize(final byte[] body) {
        final FieldReader fields = reader(body, new IgnoredFields());
        final String model = fields.text("model", Integer.MAX_VALUE);
        final String prompt = fields.text("prompt", limits.promptBytes());
        final List<ApiChatMessage> messages = fields.get("messages") == null ? List.of() : messages(fields);
        final boolean special = fields.bool("add_special_tokens", prompt != null);
        if ((prompt == null) == messages.isEmpty()) {
            throw fields.wrong("prompt", "or messages is needed, and only one of them");
        }
        if (prompt == null && special) {
            throw fields.wrong(
                    "add_special_tokens", "must be false with messages: the template alone writes special tokens");
        }
        fields.finish(KnownFields.Place.TOKENIZE);
        return new TokenizeRequest(model, prompt, messages, special);
    }

    /** {@code POST /detokenize}. */
    public DetokenizeRequest detokenize(final byte[] body) {
        final FieldReader fields = reader(body, new IgnoredFields());
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
            @Nullable String model, @Nullable String prompt, List<ApiChatMessage> messages, boolean addSpecialTokens) {
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

    private List<ApiChatMessage> messages(final FieldReader fields) {
        return new MessageParser(limits).messages(fields);
    }

    GenerationFields common(final FieldReader fields, final TokenBudget budget, final int logprobs) {
        final Integer maxTokens = budget.tokens();
        final boolean stream = fields.bool("stream", false);
        final int minTokens = fields.integer("min_tokens", 0, 0, Integer.MAX_VALUE);
        if (maxTokens != null && minTokens > maxTokens) {
            throw fields.wrong("min_tokens", "is " + minTokens + ", more than " + budget.field() + ", " + maxTokens);
        }
        final int n = fields.integer("n", 1, 1, limits.choices());
        final Integer bestOf = fields.integerOrNull("best_of", 1, limits.choices());
        if (bestOf != null && bestOf != n) {
            throw fields.wrong("best_of", "is " + bestOf + "; only the value of n, " + n + ", is supported");
        }
        final StreamOptions options = StreamOptions.of(fields, stream);
        final Integer prompt = fields.integerOrNull("prompt_logprobs", 0, limits.topLogprobs());
        final int promptLogprobs = prompt == null ? -1 : prompt;
        return new GenerationFields(
                fields.text("model", Integer.MAX_VALUE),
                sampling(fields),
                maxTokens,
                minTokens,
                stop(fields),
                stopTokenIds(fields),
                fields.bool("ignore_eos", false),
                n,
                stream,
                options.includeUsage(),
                options.continuousUsage(),
                logprobs,
                fields.bool("return_token_ids", false),
                fields.bool("return_tokens_as_token_ids", false),
                new OutputRulesParser(limits).rules(fields),
                truncation(fields),
                promptLogprobs,
                yields(fields),
                entropies(fields, Math.max(logprobs, promptLogprobs)),
                budget.field());
    }

    /** Of what is scored only: what isn't asked for costs nothing. */
    private static boolean entropies(final FieldReader fields, final int scored) {
        final boolean isWanted = fields.bool("entropy", false);
        if (isWanted && scored < 0) {
            throw fields.wrong("entropy", "is true, which needs logprobs or prompt_logprobs");
        }
        return isWanted;
    }

    /** OpenAI's name for requests that may wait for others. The other tiers are served alike. */
    static boolean yields(final FieldReader fields) {
        final JsonNode tier = fields.peek("service_tier");
        final boolean isFlex = tier != null && "flex".equals(tier.textValue());
        if (isFlex) {
            fields.get("service_tier");
        }
        return isFlex;
    }

    /** The last message goes on, instead of an answer of its own being opened. */
    private static boolean continuesFinal(final FieldReader fields, final List<ApiChatMessage> messages) {
        final boolean isContinued = fields.bool("continue_final_message", false);
        final boolean isOpened = fields.bool("add_generation_prompt", !isContinued);
        if (isContinued == isOpened) {
            throw fields.wrong(
                    "add_generation_prompt",
                    isOpened
                            ? "and continue_final_message exclude each other; send one of them as true"
                            : "is false, which is only of use with continue_final_message; send the whole prompt to"
                                    + " /v1/completions");
        }
        final ApiChatMessage last = messages.getLast();
        if (isContinued && (!last.role().equals("assistant") || last.content().isBlank())) {
            throw fields.wrong("continue_final_message", "needs a last message of an assistant, with some text");
        }
        return isContinued;
    }

    static int truncation(final FieldReader fields) {
        final Integer kept = fields.integerOrNull("truncate_prompt_tokens", -1, Integer.MAX_VALUE);
        if (kept != null && kept == 0) {
            throw fields.wrong("truncate_prompt_tokens", "is 0; it must be at least 1, or -1 for what fits");
        }
        return kept == null ? 0 : kept;
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
        if (value.isArray() && value.isEmpty()) {
            // llama.cpp's form of none.
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
            if (entry.getValue().isNull()) {
                continue;
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
            for (final JsonNode element : value) {
                if (!element.isNull()) {
                    stops.add(element.isTextual() ? element.textValue() : "");
                }
            }
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
