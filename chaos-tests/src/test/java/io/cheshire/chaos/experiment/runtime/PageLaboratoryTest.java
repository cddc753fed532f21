package io.cheshire.chaos.experiment.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.http.runtime.console.LaboratoryAsk;
import io.cheshire.http.runtime.console.LaboratoryProvider;
import io.cheshire.http.runtime.console.LaboratoryRefused;
import io.cheshire.http.runtime.console.LaboratorySite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Experiments of a console, on the simulation. */
class PageLaboratoryTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String FILE = """
            name: a node killed
            load: {streams: 4, duration: 5s}
            cluster: {on: local, nodes: 3, copies: 2}
            faults:
              - {at: 2s, kind: kill, target: {random: 1}}
            hypothesis: {tokens: identical, longest-gap-at-most: 10s}
            """;

    private final PageLaboratory laboratory =
            new PageLaboratory(new LaboratorySite("http://127.0.0.1:1", null, "http://127.0.0.1:1", "secret"));

    private static LaboratoryAsk ask(final String file) {
        return new LaboratoryAsk(file, "simulation", null);
    }

    private String run(final String file) {
        final String id = laboratory.start(ask(file));
        Await.until("it has ended", LIMIT, () -> laboratory.shown().running() == null, laboratory.state()::toString);
        return id;
    }

    @Test
    void shouldSayWhoWouldBeHitAndWhatTheFileHolds() {
        final JsonNode checked = laboratory.check(ask(FILE));

        assertThat(checked.get("name").asText()).isEqualTo("a node killed");
        assertThat(checked.at("/targets/0/who/0").asText()).startsWith("expert-node-");
        assertThat(checked.at("/form/faults/0/target/random").intValue()).isEqualTo(1);
        assertThat(checked.get("certain").booleanValue()).isFalse();
    }

    @Test
    void shouldRunJudgeAndKeepReportsToCompare() {
        final String held = run(FILE);
        final String other = run(FILE.replace("10s}", "1ms}"));

        final JsonNode heads = laboratory.state().get("reports");
        assertThat(heads).hasSize(2);
        assertThat(heads.at("/0/outcome").asText()).isEqualTo("NOT_HELD");
        assertThat(heads.at("/0/why").asText()).contains("longest-gap-at-most does not hold");
        assertThat(heads.at("/1/id").asText()).isEqualTo(held);
        assertThat(heads.at("/1/outcome").asText()).isEqualTo("HELD");
        assertThat(laboratory.page(held)).contains("<svg", "a node killed");
        assertThat(laboratory.compare(held, other).get("rows").get(2).get(1).asText())
                .isEqualTo("HELD");
        assertThat(laboratory.report("none")).isNull();
        assertThat(laboratory.compare(held, "none")).isNull();
    }

    @Test
    void shouldRunOneAtATimeAndEndItOnDemand() {
        laboratory.start(ask(FILE));
        assertThat(laboratory.shown().running()).isNotNull();
        assertThatThrownBy(() -> laboratory.start(ask(FILE)))
                .isInstanceOf(LaboratoryRefused.class)
                .hasMessageStartingWith("one at a time: a node killed runs");
        laboratory.close();
        Await.until("it has ended", LIMIT, () -> laboratory.shown().running() == null, () -> "it runs");
        assertThatThrownBy(() -> laboratory.abort("again")).hasMessage("no experiment runs");
    }

    @Test
    void shouldRefuseWithPlaceWhatItCanNotRun() {
        assertThatThrownBy(() -> laboratory.check(ask(FILE.replace("2s", "2x"))))
                .isInstanceOf(LaboratoryRefused.class)
                .hasMessageContaining("file:5:10: at: \"2x\" is no duration");
        assertThatThrownBy(() -> laboratory.check(new LaboratoryAsk(FILE, "local", null)))
                .hasMessageContaining("./cheshire chaos run FILE");
        assertThatThrownBy(() -> laboratory.check(new LaboratoryAsk(FILE, "moon", null)))
                .hasMessageContaining("on must be running");
        assertThatThrownBy(() -> laboratory.check(new LaboratoryAsk(FILE, "running", null)))
                .hasMessageContaining("kill can't be done on: running; there it can do move, drain");
    }

    @Test
    void shouldCarryEveryExampleOfTheRepositoryAndBeFoundByTheConsole() throws IOException {
        final Path folder = Path.of(System.getProperty("cheshire.root", ".."), "chaos-tests", "experiments");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(ExampleFiles.NAMES.stream()
                            .map(name -> name + ".yaml")
                            .toList());
        }
        for (final String name : ExampleFiles.NAMES) {
            assertThat(ExampleFiles.all().get(name)).isEqualTo(Files.readString(folder.resolve(name + ".yaml")));
        }
        assertThat(laboratory.catalogue().get("examples"))
                .extracting(example -> example.get("id").asText())
                .as("all but those of emulated GPUs, which need processes of their own")
                .containsExactlyElementsOf(ExampleFiles.NAMES.stream()
                        .filter(name -> !name.startsWith("gpu-"))
                        .toList());
        assertThat(ServiceLoader.load(LaboratoryProvider.class))
                .hasAtLeastOneElementOfType(PageLaboratoryProvider.class);
    }

    @Test
    void shouldOfferOnlyExamplesThatRunOnWhatItSays() {
        for (final JsonNode example : laboratory.catalogue().get("examples")) {
            if (example.get("on").asText().equals("simulation")) {
                final LaboratoryAsk ask = new LaboratoryAsk(example.get("file").asText(), "simulation", null);
                assertThat(laboratory.check(ask).get("targets"))
                        .as(example.get("id").asText())
                        .isNotEmpty();
            }
        }
    }

    @Test
    void shouldNotShowItsKeys() {
        assertThat(new LaboratorySite("a", "secret", "b", "secret").toString()).doesNotContain("secret");
    }
}
