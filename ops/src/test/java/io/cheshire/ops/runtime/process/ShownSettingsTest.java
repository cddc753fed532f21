package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.http.core.console.ConsoleFacts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShownSettingsTest {
    private static final String SECRET = "nobody-may-see-this";

    private static List<ConsoleFacts.Setting> shown(final Map<String, ?> flags) {
        final Config whole = ConfigFactory.parseMap(flags, "command line")
                .withFallback(ConfigFactory.defaultReference())
                .resolve();
        return ShownSettings.of(whole);
    }

    private static ConsoleFacts.Setting of(final List<ConsoleFacts.Setting> settings, final String key) {
        return settings.stream()
                .filter(one -> one.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldSayWhereEachValueComesFrom() {
        final List<ConsoleFacts.Setting> settings = shown(Map.of("cheshire.nodes", 3));

        assertThat(of(settings, "cheshire.nodes"))
                .isEqualTo(new ConsoleFacts.Setting("cheshire.nodes", "3", "command line", false));
        assertThat(of(settings, "cheshire.router.http.port"))
                .isEqualTo(new ConsoleFacts.Setting("cheshire.router.http.port", "8000", "default", true));
    }

    @Test
    void shouldShowSettingsOnlyAndNothingElseOfThatName() {
        assertThat(shown(Map.of("cheshire.root", "/somewhere")))
                .noneMatch(one -> one.key().equals("cheshire.root"))
                .anyMatch(one -> one.key().equals("cheshire.cluster.seeds"));
    }

    @Test
    void shouldShowNoSecretWhereverOneMayStand() {
        final List<ConsoleFacts.Setting> settings = shown(Map.of(
                "cheshire.transport.secret", SECRET,
                "cheshire.ops.key", SECRET,
                "cheshire.router.http.api-keys", List.of(Map.of("tenant", "a", "key", SECRET))));

        assertThat(settings).noneMatch(one -> one.value().contains(SECRET));
        assertThat(of(settings, "cheshire.transport.secret").value()).isEqualTo("(set, not shown)");
        assertThat(of(settings, "cheshire.router.http.api-keys").value()).isEqualTo("1 (set, not shown)");
        assertThat(of(shown(Map.of()), "cheshire.transport.secret").value()).isEmpty();
    }
}
