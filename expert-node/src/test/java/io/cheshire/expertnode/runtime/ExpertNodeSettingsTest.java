package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.testing.ReferenceConf;
import org.junit.jupiter.api.Test;

/** The settings of this module: all are read, all are explained, and every wrong one is named. */
class ExpertNodeSettingsTest {
    private static final String SECTION = "cheshire.expert-node";

    @Test
    void shouldReadAndExplainEverySetting() {
        assertThat(ReferenceConf.unread(ExpertNodeConfig::from, SECTION)).isEmpty();
        assertThat(ReferenceConf.withoutComment(SECTION)).isEmpty();
    }

    @Test
    void shouldNameEveryWrongSettingAtOnce() {
        final String said = ReferenceConf.saidOf(ReferenceConf.everyValueWrong(SECTION), ExpertNodeConfig::from);

        assertThat(said).contains(ReferenceConf.keys(SECTION));
    }

    @Test
    void shouldSayWhatEachMustBeWhenItIsNegative() {
        final String negative = """
                cheshire.expert-node {
                  max-batch-rows = -1, compute-slots = -1, max-unsent-bytes = -1, max-weight-bytes = -1
                  recent-shards = -1, max-commands = -1, warm-up = -1 s, probe-wait = -1 s
                }
                """;

        assertThat(ReferenceConf.saidOf(
                        ConfigFactory.parseString(negative).withFallback(ConfigFactory.load()), ExpertNodeConfig::from))
                .isEqualTo("""
                        configuration: 8 problems
                          cheshire.expert-node.max-batch-rows = -1: must be 1 or more
                          cheshire.expert-node.compute-slots = -1: must be 1 or more
                          cheshire.expert-node.max-unsent-bytes = -1: must be a size, 1 B or more
                          cheshire.expert-node.max-weight-bytes = -1: must be a size, 0 B or more
                          cheshire.expert-node.recent-shards = -1: must be 1 or more
                          cheshire.expert-node.max-commands = -1: must be 1 or more
                          cheshire.expert-node.warm-up = -1 s: must be a duration, 0 s to 1 d, such as 5 s
                          cheshire.expert-node.probe-wait = -1 s: must be a duration, 0 s to 1 d, such as 5 s""");
    }
}
