package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cheshire.http.core.ChoiceText;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.testing.ExpectedErrors;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Work that ends in an error of the JVM, not in an exception: its request is answered, and the next one is served. */
class BrokenTextTest {
    private static final String COMPLETION = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";
    private static final String FINE = "{\"prompt\":\"ab\",\"max_tokens\":2}";

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.cheshire.http");
    private final HttpTestServer server = new HttpTestServer(config -> config, new BrokenText());

    @BeforeEach
    void watchLog() {
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        server.close();
    }

    @Test
    void shouldBlameTheRequestWhenItIsTooDeepForTheStack() throws Exception {
        for (int i = 0; i < 4; i++) {
            final HttpResponse<String> answer = server.post(COMPLETION, prompt("deep"));

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(HttpTestServer.json(answer).at("/error/type").textValue())
                    .isEqualTo("invalid_request_error");
            assertThat(HttpTestServer.json(answer).at("/error/code").textValue())
                    .isEqualTo("too_complex");
        }
        assertThat(server.post("/tokenize", "{\"prompt\":\"deep\"}").statusCode())
                .isEqualTo(400);
        assertThat(errors()).isEmpty();
        assertServes();
    }

    @Test
    @ExpectedErrors("a defect of ours")
    void shouldAnswer500AndLogWhenPreparingARequestEndsInAnError() throws Exception {
        for (int i = 0; i < 4; i++) {
            assertFailed(server.post(COMPLETION, prompt("broken")));
        }
        assertFailed(server.post(CHAT, "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"broken\"}]}"));

        assertThat(errors())
                .hasSize(5)
                .allSatisfy(event ->
                        assertThat(event.getThrowableProxy().getClassName()).isEqualTo(LinkageError.class.getName()));
        assertServes();
    }

    @Test
    @ExpectedErrors("a defect of ours")
    void shouldAnswer500AndLogWhenAnAnswerCannotBeTurnedIntoText() throws Exception {
        server.engine.script = List.of((int) '!');

        assertFailed(server.post(COMPLETION, prompt("ab")));

        assertThat(errors()).hasSize(1);
        await("the sequence to be cancelled").until(() -> server.engine.running.get() == 0);
        server.engine.script = List.of();
        assertServes();
    }

    @Test
    @ExpectedErrors("a defect of ours")
    void shouldFreeTheSequencesWhenAnAnswerCannotBegin() throws Exception {
        assertFailed(server.post(COMPLETION, prompt("speechless")));

        await("the sequence to be cancelled").until(() -> server.engine.running.get() == 0);
        awaitNoRequests();
        assertServes();
    }

    private static String prompt(final String text) {
        return "{\"prompt\":\"" + text + "\",\"max_tokens\":4000}";
    }

    private static void assertFailed(final HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(HttpTestServer.json(answer).at("/error/type").textValue()).isEqualTo("server_error");
        assertThat(answer.body()).doesNotContain("Linkage", "a defect of ours");
    }

    private void assertServes() throws Exception {
        assertThat(server.post(COMPLETION, FINE).statusCode()).isEqualTo(200);
        awaitNoRequests();
    }

    /** A request counts until its last byte is out, which its client may have before that. */
    private void awaitNoRequests() {
        await("no request to run").until(() -> server.server.runningRequests() == 0);
    }

    private List<ILoggingEvent> errors() {
        return log.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.ERROR))
                .toList();
    }

    /** Bytes, except that some texts break it: while they are read, before their answer begins, and within it. */
    private static final class BrokenText implements TextModel {
        private final ByteText bytes = new ByteText();
        private volatile boolean isSpeechless;

        @Override
        public boolean hasTokenizer() {
            if (isSpeechless && isAnswerBeginning()) {
                throw defect();
            }
            return true;
        }

        private static boolean isAnswerBeginning() {
            return StackWalker.getInstance()
                    .walk(frames ->
                            frames.anyMatch(frame -> frame.getClassName().equals(ChoiceText.class.getName())));
        }

        @Override
        public boolean hasChatTemplate() {
            return true;
        }

        @Override
        public List<Integer> encode(final String text, final boolean addSpecialTokens) {
            isSpeechless = text.equals("speechless");
            return switch (text) {
                case "deep" -> throw new StackOverflowError();
                case "broken" -> throw defect();
                default -> bytes.encode(text, addSpecialTokens);
            };
        }

        private static LinkageError defect() {
            return new LinkageError("a defect of ours");
        }

        @Override
        public List<Integer> renderChat(final List<ApiChatMessage> messages) {
            throw defect();
        }

        @Override
        public int[] tokenStarts(final String text, final boolean addSpecialTokens) {
            return bytes.tokenStarts(text, addSpecialTokens);
        }

        @Override
        public byte[] tokenBytes(final int tokenId, final boolean opensText) {
            if (tokenId == '!') {
                throw defect();
            }
            return bytes.tokenBytes(tokenId, opensText);
        }

        @Override
        public boolean isSpecial(final int tokenId) {
            return bytes.isSpecial(tokenId);
        }
    }
}
