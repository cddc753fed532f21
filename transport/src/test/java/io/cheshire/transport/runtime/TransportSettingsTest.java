package io.cheshire.transport.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.settings.testing.ReferenceConf;
import org.junit.jupiter.api.Test;

/** The settings of this module: all are read, all are explained, and every wrong one is named. */
class TransportSettingsTest {
    private static final String SECTION = "cheshire.transport";

    @Test
    void shouldReadAndExplainEverySetting() {
        assertThat(ReferenceConf.unread(TransportConfig::from, SECTION)).isEmpty();
        assertThat(ReferenceConf.withoutComment(SECTION)).isEmpty();
    }

    @Test
    void shouldNameEveryWrongSettingAtOnce() {
        final String said = ReferenceConf.saidOf(ReferenceConf.everyValueWrong(SECTION), TransportConfig::from);

        assertThat(said).contains(ReferenceConf.keys(SECTION));
    }
}
