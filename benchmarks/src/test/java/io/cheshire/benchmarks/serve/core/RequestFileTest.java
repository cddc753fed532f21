package io.cheshire.benchmarks.serve.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestFileTest {
    private static List<TraceRow> read(final String text) throws IOException {
        return ArrivalTrace.read("t.csv", new BufferedReader(new StringReader(text)));
    }

    private static RequestResult answered(final PlannedRequest request, final String... chunks) {
        final CompletionCollector collector = new CompletionCollector(request, 1_100_000_000L);
        collector.onStatus(200);
        long atNs = 1_500_000_000L;
        for (final String chunk : chunks) {
            collector.onBytes(atNs, ("data: " + chunk + "\n\n").getBytes(StandardCharsets.UTF_8));
            atNs += 20_000_000;
        }
        collector.onComplete(atNs);
        return java.util.Objects.requireNonNull(collector.result());
    }

    @Test
    void shouldNoteEveryTokenOfEveryChunkAndReadItsOwnFileAsATrace() throws IOException {
        final StringBuilder file = new StringBuilder();
        final RequestFile lines = new RequestFile(file, true);
        lines.add(answered(
                new PlannedRequest(0, 1_000_000_000L, RequestShape.of(7, 9), 0),
                "{\"choices\":[{\"text\":\"a\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1}}",
                "{\"choices\":[{\"text\":\"bcd\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":4}}",
                "{\"choices\":[{\"text\":\"e\",\"finish_reason\":\"length\"}],\"usage\":{\"completion_tokens\":5}}"));

        assertThat(file.toString())
                .isEqualTo("""
                        index,arrival_s,sent_s,prompt_tokens,asked_tokens,output_tokens,first_token_s,end_s,kind,gaps_us
                        0,1.000000,1.100000,7,9,5,1.500000,1.560000,ok,20000 0 0 20000
                        """);
        assertThat(read(file.toString())).containsExactly(new TraceRow(0, RequestShape.of(7, 9)));
    }

    @Test
    void shouldCountAChunkAsATokenWhereTheServerDoesNotCount() {
        final RequestResult result = answered(
                new PlannedRequest(0, 0, RequestShape.of(7, 9), 0),
                "{\"choices\":[{\"text\":\"a\"}]}",
                "{\"choices\":[{\"text\":\"b\",\"finish_reason\":\"length\"}]}");
        assertThat(result.tokens().count()).isEqualTo(2);
    }

    @Test
    void shouldReadBurstGptAndLeaveFailedRequestsOut() throws IOException {
        final String header = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n";
        assertThat(read(header + "5,ChatGPT,472,18,490,Conversation log\n45.5,\"GPT-4, turbo\",1087,0,1087,API log\n"
                        + "118,GPT-4,417,276,693,Conversation log\n"))
                .containsExactly(
                        new TraceRow(0, RequestShape.of(472, 18)),
                        new TraceRow(113_000_000_000L, RequestShape.of(417, 276)));
        assertThatThrownBy(() -> read(header + "5,ChatGPT,472,18,490,x\n6,ChatGPT,many,18,490,x\n"))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("t.csv, line 3")
                .hasMessageContaining("many");
        assertThatThrownBy(() -> read(header + "5,ChatGPT,472,18,490,x\n4,ChatGPT,2,18,490,x\n"))
                .hasMessageContaining("time runs backwards");
    }
}
