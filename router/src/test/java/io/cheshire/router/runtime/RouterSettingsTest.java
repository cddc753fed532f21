package io.cheshire.router.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.router.runtime.engine.EngineConfig;
import io.cheshire.router.runtime.routing.RecorderConfig;
import io.cheshire.settings.SettingReader;
import io.cheshire.settings.testing.ReferenceConf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The settings of this module: all are read, all are explained, and every wrong one is named. */
class RouterSettingsTest {
    private static final String[] SECTIONS = {"cheshire.router.engine", "cheshire.router.record-routing"};

    @Test
    void shouldReadAndExplainEverySetting() {
        assertThat(ReferenceConf.unread(RouterSettingsTest::all, SECTIONS)).isEmpty();
        for (final String section : SECTIONS) {
            assertThat(ReferenceConf.withoutComment(section)).isEmpty();
        }
    }

    @Test
    void shouldNameEveryWrongSettingAtOnce() {
        final String said = ReferenceConf.saidOf(ReferenceConf.everyValueWrong(SECTIONS), RouterSettingsTest::all);

        assertThat(said).contains(ReferenceConf.keys(SECTIONS));
    }

    @Test
    void shouldNameWhatDoesNotGoTogether() {
        final String settings = """
                cheshire.router {
                  engine {
                    max-rows-per-step = 8
                    kv.block-tokens = 12
                    retry { first-backoff = 1 s, max-backoff = 1 ms, max-nodes-lost = 1 }
                    hedge { min-deadline = 2 s, max-deadline = 1 s, answer-timeout = 500 ms }
                    slow-node { from-multiple = 1.5, until-multiple = 1.5 }
                  }
                  record-routing { buffer = 100000, max-bytes = 0 }
                }
                """;

        assertThat(ReferenceConf.saidOf(
                        ConfigFactory.parseString(settings).withFallback(ConfigFactory.load()),
                        RouterSettingsTest::all))
                .contains(
                        "configuration: 9 problems",
                        "engine.max-rows-per-step = 8: must not be less than"
                                + " cheshire.router.engine.max-sequences-per-lane (64)",
                        "engine.kv.block-tokens = 12: must be a power of two",
                        "engine.retry.max-backoff = 1 ms: must not be less than"
                                + " cheshire.router.engine.retry.first-backoff (1 s)",
                        "engine.retry.max-nodes-lost = 1: must be 2 or more",
                        "engine.hedge.max-deadline = 1 s: must not be less than"
                                + " cheshire.router.engine.hedge.min-deadline (2 s)",
                        "engine.hedge.answer-timeout = 500 ms: must not be less than"
                                + " cheshire.router.engine.hedge.max-deadline (1 s)",
                        "engine.slow-node.from-multiple = 1.5: must be more than"
                                + " cheshire.router.engine.slow-node.until-multiple (1.5)",
                        "record-routing.buffer = 100000: must be a power of two",
                        "record-routing.max-bytes = 0: must be a size, 1 B or more");
    }

    private static List<Object> all(final SettingReader root) {
        return List.of(EngineConfig.from(root), RecorderConfig.from(root));
    }
}
