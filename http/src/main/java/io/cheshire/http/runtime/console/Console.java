package io.cheshire.http.runtime.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpResponse;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.http.core.console.ClusterPicture;
import io.cheshire.http.core.console.FigureRates;
import io.cheshire.http.core.console.HistoryRing;
import io.cheshire.http.core.console.PlacementHistory;
import io.cheshire.http.core.console.ServedRates;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What feeds the console's pages. Twice a second, or once while nobody looks, it asks for the cluster's state, joins it
 * with this router's own figures to one picture, and sends that to all pages: however many are open, the cluster is
 * asked once and the picture is written once. A sample of the figures a second goes into the history. Everything is
 * done by one thread; the methods are safe from any.
 */
public final class Console implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Console.class);
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration TICK = Duration.ofMillis(500);
    /** A coordinator that takes longer is shown as one that doesn't answer. */
    private static final long ANSWER_NS = Duration.ofMillis(1_200).toNanos();

    private static final long SAMPLE_NS = Duration.ofMillis(900).toNanos();
    private static final long RATE_WINDOW_NS = Duration.ofSeconds(10).toNanos();
    private static final long SLOW_NS = Duration.ofSeconds(10).toNanos();
    private static final long HEARTBEAT_NS = Duration.ofSeconds(5).toNanos();
    /** A quarter of an hour of some two hundred figures: 1.7 MB. */
    public static final int HISTORY_SECONDS = 900;

    private static final int HISTORY_SERIES = 240;

    private final ConsoleSource source;
    private final ConsoleMeters meters;
    private final EventStreams streams;
    private final HistoryRing history = new HistoryRing(HISTORY_SECONDS, HISTORY_SERIES);
    private final PlacementHistory placements = new PlacementHistory();
    private final FigureRates counters = new FigureRates();
    private final ServedRates served = new ServedRates(RATE_WINDOW_NS);
    private final ScheduledExecutorService thread;
    private @Nullable ClusterState state;
    private Map<String, Double> figures = Map.of();
    private long heardNs;
    private long askedNs;
    private boolean isAsking;
    private long sampledNs;
    private long sampleMs;
    private long ticks;
    private long sequence;
    private volatile byte[] picture = "{}".getBytes(StandardCharsets.UTF_8);

    private Console(final ConsoleSource source, final int mostStreams) {
        this.source = source;
        this.meters = new ConsoleMeters(source.engine(), source.registry());
        this.streams = new EventStreams(new EventStreams.Rules(mostStreams, SLOW_NS, HEARTBEAT_NS));
        this.thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("console").factory());
    }

    /**
     * Starts to ask.
     *
     * @param mostStreams pages that may be open at a time
     */
    public static Console start(final ConsoleSource source, final int mostStreams) {
        final Console console = new Console(source, mostStreams);
        Gauge.builder("cheshire.console.streams", console.streams, EventStreams::count)
                .description("Streams of events that are open")
                .register(source.registry());
        FunctionCounter.builder("cheshire.console.streams.dropped", console.streams, EventStreams::dropped)
                .description("Streams of events that ended since their readers took nothing")
                .register(source.registry());
        console.draw(System.nanoTime());
        var _ = console.thread.scheduleAtFixedRate(console::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
        return console;
    }

    /** A stream of pictures. */
    public HttpResponse events() {
        return streams.open(System.nanoTime(), event(picture));
    }

    /** What is answered to those who ask how a stream would begin. */
    public HttpResponse eventHeaders() {
        return HttpResponse.of(EventStreams.headers());
    }

    /** The latest picture, as JSON. */
    public byte[] snapshot() {
        return picture;
    }

    /** What was kept of some figures, as JSON; all names where none is asked for. */
    public ObjectNode history(final List<String> names, final int seconds) {
        final ObjectNode answer = JsonNodeFactory.instance.objectNode();
        if (names.isEmpty()) {
            history.names().forEach(answer.putArray("metrics")::add);
            return answer;
        }
        final HistoryRing.Slice slice = history.read(names, seconds);
        final ArrayNode times = answer.putArray("timesMs");
        slice.timesMs().forEach(times::add);
        final ObjectNode series = answer.putObject("series");
        slice.series().forEach((name, values) -> ClusterPicture.values(series.putArray(name), values));
        return answer;
    }

    /** The latest placements that were seen, as JSON. */
    public ObjectNode placements() {
        return JsonNodeFactory.instance.objectNode().set("epochs", placements.drawn());
    }

    private void tick() {
        try {
            final long nowNs = System.nanoTime();
            ticks++;
            if (streams.count() == 0 && ticks % 2 == 0) {
                return;
            }
            if (!isAsking) {
                ask(nowNs);
            } else if (nowNs - askedNs > ANSWER_NS) {
                draw(nowNs);
            }
            streams.beat(nowNs);
        } catch (final RuntimeException failure) {
            LOG.error("the console's picture failed", failure);
        }
    }

    private void ask(final long nowNs) {
        isAsking = true;
        askedNs = nowNs;
        final CompletionStage<ClusterState> answer;
        try {
            answer = source.cluster().get();
        } catch (final RuntimeException notNow) {
            isAsking = false;
            draw(nowNs);
            return;
        }
        var _ = answer.whenComplete((now, failure) -> onThread(() -> {
            isAsking = false;
            final long answeredNs = System.nanoTime();
            if (now != null) {
                state = now;
                heardNs = answeredNs;
                served.add(answeredNs, now);
                placements.add(System.currentTimeMillis(), now.placement());
            }
            draw(answeredNs);
        }));
    }

    private void onThread(final Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (final RuntimeException failure) {
                    LOG.error("the console's picture failed", failure);
                }
            });
        } catch (final RejectedExecutionException closed) {
            LOG.debug("the console is closed");
        }
    }

    private void draw(final long nowNs) {
        final ClusterState last = state;
        final boolean isAnswering = last != null && nowNs - heardNs <= ANSWER_NS;
        if (figures.isEmpty() || nowNs - sampledNs >= SAMPLE_NS) {
            sample(nowNs, isAnswering ? last : null);
        }
        final ObjectNode drawn = JsonNodeFactory.instance.objectNode();
        drawn.put("sequence", ++sequence);
        drawn.put("timeMs", System.currentTimeMillis());
        drawn.put("coordinatorAnswers", isAnswering);
        source.state(drawn);
        if (last != null) {
            ClusterPicture.addTo(drawn, last, served);
        }
        ClusterPicture.links(drawn.putArray("links"), source.facts().links());
        drawn.put("sampleMs", sampleMs);
        ClusterPicture.figures(drawn.putObject("figures"), figures);
        picture = bytes(drawn);
        if (streams.count() > 0) {
            streams.publish(nowNs, event(picture));
        }
    }

    private void sample(final long nowNs, final @Nullable ClusterState heard) {
        sampledNs = nowNs;
        final Map<String, Double> gauges = new TreeMap<>();
        final Map<String, Double> counted = new TreeMap<>();
        meters.read(gauges, counted);
        source.facts().counted(counted);
        if (heard != null) {
            ClusterPicture.gauges(gauges, heard, served);
        }
        sampleMs = System.currentTimeMillis();
        figures = counters.sample(sampleMs, gauges, counted);
        history.add(sampleMs, figures);
    }

    private static byte[] event(final byte[] json) {
        final byte[] before = "event: snapshot\ndata: ".getBytes(StandardCharsets.UTF_8);
        final byte[] all = new byte[before.length + json.length + 2];
        System.arraycopy(before, 0, all, 0, before.length);
        System.arraycopy(json, 0, all, before.length, json.length);
        all[all.length - 2] = '\n';
        all[all.length - 1] = '\n';
        return all;
    }

    private static byte[] bytes(final ObjectNode tree) {
        try {
            return MAPPER.writeValueAsBytes(tree);
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException("a tree is always writable", e);
        }
    }

    @Override
    public void close() {
        streams.close();
        thread.shutdownNow();
    }
}
