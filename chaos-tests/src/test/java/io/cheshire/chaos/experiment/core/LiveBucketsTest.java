package io.cheshire.chaos.experiment.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.junit.jupiter.api.Test;

class LiveBucketsTest {
    private final LiveBuckets buckets = new LiveBuckets();
    private final ArrayNode tokens = JsonNodeFactory.instance.arrayNode();
    private final ArrayNode gaps = JsonNodeFactory.instance.arrayNode();

    @Test
    void shouldCountTokensAndKeepTheLongestGapOfEachStep() {
        buckets.token(10, 5);
        buckets.token(499, 90);
        buckets.token(1_000, 30);
        buckets.reach(2_000);
        buckets.copyTo(tokens, gaps);

        assertThat(tokens).hasToString("[2,0,1,0]");
        assertThat(gaps).hasToString("[90,0,30,0]");
    }

    @Test
    void shouldKeepNoMoreThanItsBound() {
        buckets.token(Long.MAX_VALUE, Long.MAX_VALUE);
        buckets.token((LiveBuckets.MOST - 1L) * LiveBuckets.STEP_MS, Long.MAX_VALUE);
        buckets.reach(Long.MAX_VALUE);
        buckets.copyTo(tokens, gaps);

        assertThat(tokens).hasSize(LiveBuckets.MOST);
        assertThat(tokens.get(LiveBuckets.MOST - 1).intValue()).isEqualTo(1);
        assertThat(gaps.get(LiveBuckets.MOST - 1).intValue()).isEqualTo(Integer.MAX_VALUE);
    }
}
