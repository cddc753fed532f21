package io.cheshire.chaos;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import io.cheshire.chaos.runtime.TestServer;

/** OpenAI's Java client, as its documentation sets it up. */
final class OpenAiJavaClients {
    private OpenAiJavaClients() {}

    /** One that asks once: no second try hides a failure of the first. The caller closes it. */
    static OpenAIClient of(final TestServer server) {
        return OpenAIOkHttpClient.builder()
                .baseUrl("http://127.0.0.1:" + server.port() + "/v1")
                .apiKey("this server asks for none")
                .maxRetries(0)
                .build();
    }
}
