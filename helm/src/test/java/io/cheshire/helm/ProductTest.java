package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.http.runtime.PlanConfig;
import io.cheshire.ops.runtime.Settings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chart, boards and alerts against the running product: what they ask for is there under that very name. */
final class ProductTest {
    /** Labels that Prometheus adds by the chart's ServiceMonitor. */
    private static final Set<String> TARGET_LABELS = Set.of("cheshire_cluster", "instance", "job", "namespace", "pod");

    /** Figures of others: of Prometheus, and of kube-state-metrics. */
    private static final Set<String> FOREIGN = Set.of("up", "kube_pod_container_status_restarts_total");

    /** Figures that a server shows only in conditions which the one of this test isn't in. */
    private static final Map<String, String> CONDITIONAL = Map.of(
            "cheshire_http_certificate_remaining_seconds", "with TLS",
            "cheshire_http_ops_certificate_remaining_seconds", "with TLS of the operations listener",
            "cheshire_http_cancelled_total", "once a request was cancelled");

    private static final Pattern PLAIN_WORDS = Pattern.compile("[\\w|]+");

    private static TestServer server;
    private static Scrape scrape;

    @BeforeAll
    static void startServer(@TempDir final Path plans) throws IOException, InterruptedException {
        // So much is planned that it is judged without a load.
        final Path plan = Files.writeString(plans.resolve("plan.conf"), "plan { workload { rate = 1000 } }");
        server = TestServer.start(
                TestServer.cheshireMini(),
                2,
                Map.of(
                        PlanConfig.FILE,
                        plan.toString(),
                        PlanConfig.SECTION + ".every",
                        "200ms",
                        PlanConfig.SECTION + ".window",
                        "2s"));
        server.api()
                .post(
                        "/v1/completions",
                        Map.of("model", "cheshire-mini", "prompt", "What is 17 + 25?", "max_tokens", 8))
                .ok();
        assertThat(server.api()
                        .post("/v1/completions", Map.of("model", "none", "prompt", "?"))
                        .status())
                .isEqualTo(404);
        Await.until(
                "the plan is judged while an answer is in its window",
                Duration.ofSeconds(30),
                Await.CLUSTER_POLL,
                ProductTest::isPlanJudged,
                () -> server.ops().read("/admin/v1/plan/actual").toString());
        server.awaitQuiet();
    }

    private static boolean isPlanJudged() {
        try {
            server.api()
                    .post("/v1/completions", Map.of("prompt", "What is 17 + 25?", "max_tokens", 4, "ignore_eos", true))
                    .ok();
            final String metrics = server.ops().get("/metrics").text();
            scrape = new Scrape(metrics);
            return metrics.contains("cheshire_plan_assumption_holds")
                    && metrics.contains("cheshire_plan_actual_seconds{figure=\"itl_mean\"}");
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void shouldFindEveryFigureAndLabelOfTheBoards() {
        final List<String> problems = new ArrayList<>();
        Boards.expressions().forEach((where, expression) -> check(where, expression, problems));

        assertThat(problems).isEmpty();
    }

    @Test
    void shouldFindEveryFigureAndLabelOfTheAlerts() {
        final List<String> problems = new ArrayList<>();
        Boards.alerts()
                .forEach(alert -> check(
                        "alert " + alert.getAlert(),
                        String.valueOf(alert.getExpr().getValue()),
                        problems));

        assertThat(problems).isEmpty();
    }

    @Test
    void shouldFindTheFigureThatRoutersAreScaledBy() {
        assertThat(scrape.metrics()).contains("cheshire_engine_waiting");
        final String keda = Chart.render(
                Chart.REQUIRED, "router: {autoscaling: {enabled: true, kind: keda, prometheusAddress: 'http://p'}}");
        final List<String> problems = new ArrayList<>();
        Manifests.of(keda).trees().stream()
                .filter(tree -> tree.path("kind").asText().equals("ScaledObject"))
                .forEach(tree ->
                        check("KEDA", tree.at("/spec/triggers/0/metadata/query").asText(), problems));

        assertThat(problems).isEmpty();
    }

    @Test
    void shouldNameThePanelWhoseFigureIsGone() {
        final List<String> problems = new ArrayList<>();
        check("overview.json, panel \"Epoch\"", "max(cheshire_renamed{cheshire_cluster=\"a\"})", problems);
        check("panel", "sum by (colour) (cheshire_engine_waiting)", problems);
        check("panel", "cheshire_exchange_count_total{what=\"hedge\"}", problems);
        check("panel", "cheshire_engine_waiting{what=\"a\"}", problems);

        assertThat(problems)
                .containsExactly(
                        "overview.json, panel \"Epoch\": no figure cheshire_renamed",
                        "panel: no figure has the label colour",
                        "panel: cheshire_exchange_count_total never has what=\"hedge\"",
                        "panel: cheshire_engine_waiting has no label what");
    }

    private static void check(final String where, final String expression, final List<String> problems) {
        final Expressions.Names names = Expressions.of(expression);
        final Set<String> known = new TreeSet<>(TARGET_LABELS);
        for (final Expressions.Selector selector : names.selectors()) {
            final String metric = selector.metric();
            if (FOREIGN.contains(metric) || CONDITIONAL.containsKey(metric)) {
                known.add("reason");
                continue;
            }
            if (!scrape.metrics().contains(metric)) {
                problems.add(where + ": no figure " + metric);
                continue;
            }
            known.addAll(scrape.labels(metric));
            selector.conditions().stream()
                    .filter(condition -> !TARGET_LABELS.contains(condition.label()))
                    .forEach(condition -> check(where, metric, condition, problems));
        }
        names.grouping().stream()
                .filter(label -> !known.contains(label))
                .forEach(label -> problems.add(where + ": no figure has the label " + label));
    }

    private static void check(
            final String where,
            final String metric,
            final Expressions.Condition condition,
            final List<String> problems) {
        final Set<String> values = scrape.values(metric, condition.label());
        if (values.isEmpty()) {
            problems.add(where + ": " + metric + " has no label " + condition.label());
            return;
        }
        final boolean isLiteral = condition.operator().equals("=")
                || PLAIN_WORDS.matcher(condition.value()).matches();
        if (isLiteral && !condition.value().startsWith("$")) {
            Stream.of(condition.value().split("\\|", -1))
                    .filter(value -> !values.contains(value))
                    .forEach(value -> problems.add(
                            where + ": " + metric + " never has " + condition.label() + "=\"" + value + "\""));
        }
    }

    @Test
    void shouldProbePathsThatTheProductAnswers() throws IOException, InterruptedException {
        final Manifests manifests = Manifests.of(Chart.render(Chart.REQUIRED));
        for (final var pod : manifests.rolePods()) {
            final Container container = pod.getSpec().getContainers().getFirst();
            for (final var probe :
                    List.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())) {
                assertThat(server.ops().get(probe.getHttpGet().getPath()).status())
                        .as(probe.getHttpGet().getPath())
                        .isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kind", "cpu-16", "gpu-16", "ha"})
    void shouldWriteSettingsThatTheProductReads(final String sample, @TempDir final Path directory) throws IOException {
        final Manifests manifests =
                Manifests.of(Chart.render(Chart.merged(Chart.sampleValues(sample)), "ops: {tlsSecret: tls}"));
        for (final String role : List.of("coordinator", "node", "router")) {
            final String text = manifests
                    .one(ConfigMap.class, "-cheshire-" + role)
                    .getData()
                    .get(role + ".conf");
            final Config config = ConfigFactory.parseString(text).resolve();
            assertThat(config.getString("cheshire.cluster.host"))
                    .startsWith("c-cheshire-node-3.c-cheshire-" + role + ".ns.svc");
            if (!role.equals("coordinator")) {
                assertThat(config.getString("cheshire.role.channel")).isEqualTo("aeron:udp?endpoint=10.1.2.3:40100");
            }
            final Path file = Files.writeString(
                    directory.resolve(role + ".conf"), config.root().render());

            final Config effective = effective(Settings.load(file, Map.of("cheshire.role.node-id", 3)));

            assertThat(effective.getStringList("cheshire.cluster.seeds").getFirst())
                    .startsWith("c-cheshire-coordinator-0.");
            assertThat(effective.getBytes("cheshire.router.engine.kv.bytes")).isPositive();
        }
    }

    private static Config effective(final Settings settings) {
        return ConfigFactory.parseString(settings.render()).atKey("cheshire");
    }

    @Test
    void shouldFillInTheEnvironmentInAFileOfSettings(@TempDir final Path directory) throws IOException {
        final Path file = Files.writeString(
                directory.resolve("node.conf"),
                "cheshire { role { node-id = 3, channel = \"aeron:udp?endpoint=\"${POD_IP}\":40100\" } }");

        assertThat(effective(Settings.load(file, Map.of())).getString("cheshire.role.channel"))
                .isEqualTo("aeron:udp?endpoint=10.1.2.3:40100");
    }

    @Test
    void shouldSetOnlyEnvironmentThatIsASetting() {
        final Config reference = ConfigFactory.defaultReferenceUnresolved();
        final Manifests manifests = Manifests.of(Chart.render(Chart.REQUIRED));
        for (final var pod : manifests.rolePods()) {
            pod.getSpec().getContainers().getFirst().getEnv().stream()
                    .map(EnvVar::getName)
                    .filter(name -> name.startsWith("CONFIG_FORCE_"))
                    .map(ProductTest::key)
                    .forEach(key -> assertThat(exists(reference, key)).as(key).isTrue());
        }
    }

    private static boolean exists(final Config reference, final String key) {
        ConfigValue at = reference.root();
        for (final String part : key.split("\\.", -1)) {
            at = at instanceof final ConfigObject object ? object.get(part) : null;
        }
        return at != null;
    }

    /** The library's rule for names in the environment: one underscore is a dot, two are a dash. */
    private static String key(final String variable) {
        return variable.substring("CONFIG_FORCE_".length()).replace("__", "-").replace("_", ".");
    }
}
