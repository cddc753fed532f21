package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.model.runtime.text.TextException;
import io.cheshire.model.runtime.text.TextLimits;
import io.cheshire.model.runtime.text.TextSupport;
import io.cheshire.model.runtime.text.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Text that the checkpoint's tokenizer or template can't take: whose fault it is decides the status. */
class CheckpointTextTest {
    private static final int VOCAB = 4096;
    private static final int MAX_BYTES = 1 << 15;
    private static final String FINE = "{% for m in messages %}{{ m['role'] + ': ' + m['content'] }}{% endfor %}";
    /** The samples that are rendered at start say something else. */
    private static final String FOR_HELLO = "{% if messages[0].content == 'hello' %}";

    private static final String RAISING = FOR_HELLO + "{{ raise_exception('start with a user') }}{% endif %}";
    private static final String ENDLESS = FOR_HELLO + "{% for a in range(9000) %}{% for b in range(9000) %}"
            + "{% for c in range(9000) %}{% set x = a + b %}{% endfor %}{% endfor %}{% endfor %}{% endif %}";

    @TempDir
    private Path model;

    @Test
    void shouldBlameTheRequestWhenARoleIsUnknown() throws Exception {
        try (TextSupport text = load(FINE, Duration.ofSeconds(10))) {
            final ApiError error = refused(text, message("robot", "hello"));

            assertError(error, 400, "invalid_request_error", "messages", "invalid_text");
            assertThat(error.message())
                    .contains("'robot'", "[assistant, developer, system, tool, tool_response, user]");
        }
    }

    @Test
    void shouldBlameTheRequestWhenTheTemplateRaisesAnException() throws Exception {
        try (TextSupport text = load(RAISING, Duration.ofSeconds(10))) {
            final ApiError error = refused(text, message("system", "hello"));

            assertError(error, 400, "invalid_request_error", "messages", "invalid_text");
            assertThat(error.message()).contains("start with a user");
        }
    }

    @Test
    void shouldNameTheSizeAndTheLimitWhenATextIsTooLong() throws Exception {
        final String tooLong = "é".repeat(MAX_BYTES / 2 + 1);
        try (TextSupport text = load(FINE, Duration.ofSeconds(10))) {
            final ApiError prompt = refusal(() -> CheckpointText.of(text, null).encode(tooLong, true))
                    .error();
            final ApiError chat = refused(text, message("user", tooLong));

            assertError(prompt, 413, "invalid_request_error", "prompt", "text_too_large");
            assertThat(prompt.message()).contains((MAX_BYTES + 2) + " bytes", "at most " + MAX_BYTES, "shorten");
            assertError(chat, 413, "invalid_request_error", "messages", "text_too_large");
            assertThat(chat.message()).contains("at most " + MAX_BYTES);
        }
    }

    @Test
    void shouldPointToCompletionsWhenTheTemplateFails() throws Exception {
        try (TextSupport text =
                load(FOR_HELLO + "{{ messages[0].nothing.deeper }}{% endif %}", Duration.ofSeconds(10))) {
            final ApiError error = refused(text, message("user", "hello"));

            assertError(error, 400, "invalid_request_error", "messages", "chat_template_failed");
            assertThat(error.message()).contains("chat template", "/v1/completions", "no attribute 'nothing'");
        }
    }

    @Test
    void shouldAnswerUnavailableWhenRenderingTakesTooLong() throws Exception {
        try (TextSupport text = load(ENDLESS, Duration.ofMillis(300))) {
            final ApiError error = refused(text, message("user", "hello"));

            assertError(error, 503, "service_unavailable_error", null, "text_deadline");
            assertThat(error.message()).contains("300 ms", "try again");
        }
    }

    /** One rendering runs, one waits, and there is no place for a third until the deadline of the first. */
    @Test
    void shouldTellWhenToComeBackWhenAllRenderersAreBusy() throws Exception {
        final List<ApiError> errors = new ArrayList<>();
        try (TextSupport text = load(ENDLESS, Duration.ofSeconds(2));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            final List<Future<ApiError>> calls = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                calls.add(clients.submit(() -> refused(text, message("user", "hello"))));
            }
            for (final Future<ApiError> call : calls) {
                errors.add(call.get());
            }
        }

        assertThat(errors)
                .extracting(ApiError::code)
                .containsExactlyInAnyOrder("text_deadline", "text_deadline", "text_busy");
        final ApiError busy = errors.stream()
                .filter(error -> error.code().equals("text_busy"))
                .findFirst()
                .orElseThrow();
        assertError(busy, 503, "service_unavailable_error", null, "text_busy");
        assertThat(busy.retryAfterSeconds()).isPositive();
        assertThat(busy.message()).contains("1 chat prompts are waiting", "try again");
    }

    @ParameterizedTest
    @EnumSource
    void shouldPassOnTheMessageOfEveryKindWithoutCallingItAFailureOfTheServer(final TextException.Kind kind) {
        final ApiError error = CheckpointText.errorOf(new TextException(kind, "9 is above 8; send less"), "prompt");

        assertThat(error.message()).isEqualTo("9 is above 8; send less");
        assertThat(error.status()).isIn(400, 413, 503);
        assertThat(error.type())
                .isEqualTo(error.status() == 503 ? "service_unavailable_error" : "invalid_request_error");
        assertThat(error.param()).isEqualTo(error.status() == 503 ? null : "prompt");
    }

    private TextSupport load(final String template, final Duration deadline) throws Exception {
        final Path mini = Path.of(System.getProperty("cheshire.root", ".."), "models", "cheshire-mini");
        Files.copy(
                mini.resolve("tokenizer.json"), model.resolve("tokenizer.json"), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(model.resolve("chat_template.jinja"), template);
        return TokenizerFiles.load(
                model, VOCAB, new TextLimits(MAX_BYTES, Duration.ofSeconds(30), 1, 1, deadline, 1 << 20));
    }

    private static ApiChatMessage message(final String role, final String content) {
        return new ApiChatMessage(role, content);
    }

    private static ApiError refused(final TextSupport text, final ApiChatMessage message) {
        final TextModel asked = CheckpointText.of(text, null);
        return refusal(() -> asked.renderChat(List.of(message))).error();
    }

    private static ApiException refusal(final Callable<?> call) {
        return catchThrowableOfType(ApiException.class, call::call);
    }

    private static void assertError(
            final ApiError error, final int status, final String type, final String param, final String code) {
        assertThat(error.status()).isEqualTo(status);
        assertThat(error.type()).isEqualTo(type);
        assertThat(error.param()).isEqualTo(param);
        assertThat(error.code()).isEqualTo(code);
    }
}
