package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.core.TextModel;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** Malformed and excessive requests: each is answered with a status, and a 400 names the field. */
class ApiCasesTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETION = "/v1/completions";

    private final CaseReport report = new CaseReport("api-cases.md");

    @Test
    void shouldAnswerEveryApiCaseAsListed() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            fields(server);
            sizes(server);
            json(server);
            messages(server);
            features(server);
            names(server);
        }
        try (HttpTestServer server = new HttpTestServer(config -> config, TextModel.none())) {
            withoutTokenizer(server);
        }
        report.write();
        assertThat(report.failures()).isEmpty();
    }

    private void fields(final HttpTestServer s) throws Exception {
        for (final String n : new String[] {"1000000", "0", "-1", "1.5", "\"3\"", "2147483648"}) {
            field(s, "A1", "n", n);
        }
        field(s, "A2", "best_of", "-1");
        field(s, "A2", "best_of", "2");
        field(s, "A2", "logprobs", "-1");
        field(s, "A2", "logprobs", "21");
        field(s, "A2", "logprobs", "32064");
        chat(s, "A2", "\"logprobs\":true,\"top_logprobs\":-1", "top_logprobs");
        chat(s, "A2", "\"logprobs\":true,\"top_logprobs\":21", "top_logprobs");
        chat(s, "A2", "\"top_logprobs\":2", "top_logprobs");
        field(s, "A2", "prompt_logprobs", "21");
        for (final String max : new String[] {"0", "-1", "2147483648", "4096", "2147483647"}) {
            field(s, "A3", "max_tokens", max);
        }
        raw(
                s,
                "A3",
                "min_tokens above max_tokens",
                COMPLETION,
                "{\"prompt\":\"a\",\"min_tokens\":17,\"max_tokens\":16}",
                "400 min_tokens");
        for (final String t : new String[] {"-1", "2.1", "1e308", "1e999999", "\"1\"", "true"}) {
            field(s, "A4", "temperature", t);
        }
        field(s, "A4", "top_p", "0");
        field(s, "A4", "top_p", "2");
        field(s, "A4", "top_k", "-5");
        field(s, "A4", "min_p", "1.1");
        field(s, "A4", "presence_penalty", "2.1");
        field(s, "A4", "frequency_penalty", "-2.1");
        field(s, "A4", "repetition_penalty", "0");
        field(s, "A4", "seed", "18446744073709551616");
        field(s, "A4", "seed", "1.5");
        field(s, "A5", "n_discard", "-1");
        prompt(s, "[-1]", "400 prompt[0]");
        prompt(s, "[512]", "400 prompt");
        prompt(s, "[1,1.5]", "400 prompt[1]");
        prompt(s, "[[1],[2,-1]]", "400 prompt[1][1]");
        prompt(s, "[\"a\",[1]]", "400 prompt[1]");
        prompt(s, "[1.0]", "200");
        field(s, "A5", "stop_token_ids", "[512]");
    }

    private void sizes(final HttpTestServer s) throws Exception {
        field(s, "A6", "stop", "\"\"");
        field(s, "A6", "stop", list("\"a\"", 100_000));
        field(s, "A6", "stop", "\"" + "a".repeat(257) + "\"");
        field(s, "A6", "stop", "\"" + "a".repeat((1 << 20) - 1) + "\"");
        field(s, "A6", "logit_bias", object("", 100_000));
        field(s, "A6", "logit_bias", "{\"512\":1}");
        field(s, "A6", "logit_bias", "{\"a\":1}");
        field(s, "A6", "logit_bias", "{\"1\":101}");
        field(s, "A9", "prompt", "\"" + "a".repeat(4097) + "\"");
        raw(s, "A9", "10 MB of text", COMPLETION, "{\"prompt\":\"" + "a".repeat(10_000_000) + "\"}", "413");
        message(s, "[{\"role\":\"user\",\"content\":\"" + "a".repeat(4096) + "\"}]", "messages");
        field(s, "A9", "prompt", list("\"a\"", 65));
        raw(s, "A9", "64 prompts with n = 8", COMPLETION, "{\"n\":8,\"prompt\":" + list("\"a\"", 64) + "}", "400 n");
        field(s, "A12", "prompt", "\"\"");
        field(s, "A12", "prompt", "[]");
        raw(s, "A12", "white space only", COMPLETION, "{\"prompt\":\"  \",\"max_tokens\":1}", "200");
        for (final String unit : new String[] {"a", "^", " ", "a\u0301", "👩\u200d👧"}) {
            raw(s, "A10", "tokenize 1,000 x " + unit, "/tokenize", "{\"prompt\":\"" + unit.repeat(1000) + "\"}", "200");
        }
    }

    private void json(final HttpTestServer s) throws Exception {
        bad(s, "depth 100,000", "{\"prompt\":" + "[".repeat(100_000));
        bad(s, "string of 1.5 MiB", "{\"prompt\":\"" + "a".repeat(3 << 19) + "\"}");
        raw(s, "A7", "100,000 keys", COMPLETION, object("k", 100_000), "400 prompt");
        bad(s, "duplicate keys", "{\"prompt\":\"a\",\"prompt\":\"b\"}");
        bad(s, "number of a million digits", "{\"seed\":" + "1".repeat(1_000_000) + "}");
        bad(s, "lone surrogate", "{\"prompt\":\"\\ud800\"}");
        bad(s, "escaped NUL", "{\"prompt\":\"\\u0000\"}");
        bad(s, "raw NUL", "{\"prompt\":\"a\0\"}");
        bad(s, "byte order mark", "\uFEFF{\"prompt\":\"a\"}");
        bad(s, "comment", "{\"prompt\":\"a\"/* x */}");
        bad(s, "trailing bytes", "{\"prompt\":\"a\"} x");
        bad(s, "two objects", "{\"prompt\":\"a\"}{}");
        bad(s, "empty body", "");
        bad(s, "array", "[1]");
        bad(s, "NaN", "{\"prompt\":\"a\",\"temperature\":NaN}");
        bad(s, "single quotes", "{'prompt':'a'}");
        bytes(s, "invalid UTF-8", new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
        bytes(s, "overlong UTF-8", new byte[] {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', ':', '1', '}'});
        bytes(s, "UTF-16", "{\"prompt\":\"a\"}".getBytes(StandardCharsets.UTF_16LE));
    }

    private void messages(final HttpTestServer s) throws Exception {
        message(s, "[]", "messages");
        message(s, "null", "messages");
        message(s, list("{\"role\":\"user\",\"content\":\"a\"}", 20_000), "messages");
        message(s, "[{\"role\":\"narrator\",\"content\":\"a\"}]", "messages[0].role");
        message(s, "[{\"role\":\"user\",\"content\":null}]", "messages[0].content");
        message(
                s,
                "[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://127.0.0.1:1/\"}}]}]",
                "messages[0].content[0].type");
        message(s, "[{\"role\":\"user\",\"content\":\"a\",\"x\":1}]", "messages[0].x");
        message(
                s,
                "[{\"role\":\"assistant\",\"content\":\"a\",\"tool_calls\":[{}]}]",
                "messages[0].tool_calls[0].function");
        final String parts =
                "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]}";
        raw(s, "A8", "text parts", CHAT, parts, "200");
    }

    private void features(final HttpTestServer s) throws Exception {
        chat(s, "A13", "\"response_format\":{\"type\":\"xml\"}", "response_format.type");
        chat(s, "A13", "\"tools\":[{}]", "tools[0].type");
        chat(s, "A13", "\"tool_choice\":\"required\"", "tool_choice");
        for (final String name : new String[] {
            "functions",
            "guided_json",
            "guided_regex",
            "guided_grammar",
            "chat_template",
            "chat_template_kwargs",
            "lora_request",
            "prompt_embeds",
            "structured_outputs",
            "audio",
            "modalities",
            "metadata"
        }) {
            chat(s, "A13", "\"" + name + "\":true", name);
        }
        field(s, "A13", "suffix", "\"x\"");
        ok(s, "\"response_format\":{\"type\":\"text\"}");
        ok(s, "\"tools\":[],\"tool_choice\":\"auto\",\"parallel_tool_calls\":true");
        ok(s, "\"stop\":null,\"tools\":null,\"seed\":null,\"logit_bias\":null");
        ok(s, "\"store\":false,\"metadata\":{\"a\":\"b\"},\"user\":\"u\",\"service_tier\":\"auto\"");
    }

    private void names(final HttpTestServer s) throws Exception {
        for (final String name : new String[] {"../../etc/passwd", "cheshire-te\u0455t", "a".repeat(1_000_000)}) {
            final String body = "{\"prompt\":\"a\",\"model\":\"" + name + "\"}";
            raw(s, "A14", "model " + shown(name), COMPLETION, body, "404 model");
        }
        report.add(
                "A14",
                "model with encoded dots and slashes in the path",
                "400",
                status(s.get(s.port(), "/v1/models/..%2f..%2fetc%2fpasswd")));
        for (final String path : new String[] {"/metrics", "/admin/v1/cluster", "/invocations", "/pause"}) {
            report.add("A16", path + " on the API port", "404", status(s.get(s.port(), path)));
        }
        for (final String path : new String[] {"/metrics", "/admin/v1/cluster"}) {
            report.add("A16", path + " on the ops port", "200", status(s.get(s.ops.port(), path)));
        }
        final HttpResponse<String> secret =
                s.post(COMPLETION, "{\"prompt\":\"tell nobody\",\"temperature\":\"tell nobody\"}");
        report.add(
                "A18",
                "an error repeats the prompt",
                "false",
                "" + secret.body().contains("nobody"));
    }

    private void withoutTokenizer(final HttpTestServer s) throws Exception {
        final String id = "no tokenizer";
        raw(s, id, "text prompt", COMPLETION, "{\"prompt\":\"a\"}", "400 prompt");
        raw(s, id, "chat", CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}", "400 messages");
        raw(s, id, "tokenize", "/tokenize", "{\"prompt\":\"a\"}", "400 prompt");
        raw(s, id, "detokenize", "/detokenize", "{\"tokens\":[1]}", "400 tokens");
        raw(s, id, "token ids", COMPLETION, "{\"prompt\":[1,2]}", "200");
    }

    private void field(final HttpTestServer s, final String id, final String name, final String value)
            throws Exception {
        final String prompt = name.equals("prompt") ? "" : "\"prompt\":\"a\",";
        final String body = "{" + prompt + "\"" + name + "\":" + value + "}";
        raw(s, id, name + " = " + shown(value), COMPLETION, body, "400 " + name);
    }

    private void prompt(final HttpTestServer s, final String prompt, final String expected) throws Exception {
        raw(s, "A5", "prompt = " + prompt, COMPLETION, "{\"prompt\":" + prompt + "}", expected);
    }

    private void chat(final HttpTestServer s, final String id, final String fields, final String name)
            throws Exception {
        raw(
                s,
                id,
                fields,
                CHAT,
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]," + fields + "}",
                "400 " + name);
    }

    private void ok(final HttpTestServer s, final String fields) throws Exception {
        final String body = "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]," + fields + "}";
        raw(s, "A13", fields, CHAT, body, "200");
    }

    private void message(final HttpTestServer s, final String messages, final String name) throws Exception {
        raw(s, "A8", "messages " + shown(messages), CHAT, "{\"messages\":" + messages + "}", "400 " + name);
    }

    private void bad(final HttpTestServer s, final String title, final String body) throws Exception {
        raw(s, "A7", title, COMPLETION, body, "400");
    }

    private void raw(
            final HttpTestServer s,
            final String id,
            final String title,
            final String path,
            final String body,
            final String expected)
            throws Exception {
        report.add(id, title, expected, status(s.post(path, body)));
    }

    private void bytes(final HttpTestServer s, final String title, final byte[] body) throws Exception {
        final HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + s.port() + COMPLETION))
                .timeout(Duration.ofSeconds(20))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        report.add("A7", title, "400", status(s.client.send(request, HttpResponse.BodyHandlers.ofString())));
    }

    /** The status, and the field that an error names. */
    private static String status(final HttpResponse<String> response) throws Exception {
        if (response.statusCode() < 400) {
            return Integer.toString(response.statusCode());
        }
        final JsonNode error = HttpTestServer.json(response).get("error");
        if (error == null || !error.hasNonNull("message") || !error.hasNonNull("type") || !error.hasNonNull("code")) {
            return response.statusCode() + " not in the error shape";
        }
        return response.statusCode()
                + (error.hasNonNull("param") ? " " + error.get("param").textValue() : "");
    }

    private static String shown(final String value) {
        return value.length() <= 60 ? value : value.substring(0, 40) + "… (" + value.length() + " characters)";
    }

    private static String list(final String element, final int count) {
        return "[" + String.join(",", Collections.nCopies(count, element)) + "]";
    }

    private static String object(final String prefix, final int count) {
        final StringBuilder object = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            object.append(i == 0 ? "\"" : ",\"").append(prefix).append(i).append("\":1");
        }
        return object.append('}').toString();
    }
}
