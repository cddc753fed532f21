package io.cheshire.chaos.experiment.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Streams and moments of a simulated run, from what its processes note. The simulation itself holds each token
 * against its reference.
 * Times are counted from the load's begin: what was before isn't kept. One thread.
 */
public final class SimulatedStreams {
    private static final Pattern CLIENT = Pattern.compile("(router-\\d+) client (\\d+)");
    private static final Pattern DECISION = Pattern.compile("[A-Z_]{4,} .*");
    private static final double NS_PER_MS = 1e6;
    private static final int MOST_MARKS = 300;

    private final Map<String, Open> open = new LinkedHashMap<>();
    private final Map<String, Integer> lanes = new LinkedHashMap<>();
    private final List<StreamLine> ended = new ArrayList<>();
    private final List<RunMark> marks = new ArrayList<>();
    private long startNs = Long.MAX_VALUE;
    private long endNs = Long.MAX_VALUE;

    private record Open(double beganMs, List<Double> tokensMs) {}

    /** The load begins and ends at these moments of virtual time. */
    public void between(final long fromNs, final long toNs) {
        startNs = fromNs;
        endNs = toNs;
    }

    private double ms(final long atNs) {
        return (atNs - startNs) / NS_PER_MS;
    }

    /** Somebody did or saw something. */
    public void hear(final long atNs, final String who, final String what) {
        if (atNs < startNs) {
            return;
        }
        final Matcher client = CLIENT.matcher(who);
        if (client.matches()) {
            ofClient(ms(atNs), who, what, atNs < endNs);
        } else if (what.startsWith("ends: ")) {
            open.keySet().stream()
                    .filter(name -> name.startsWith(who + " "))
                    .toList()
                    .forEach(name -> end(name, StreamLine.End.BROKEN, who + " " + what));
            mark(ms(atNs), RunMark.Kind.DECIDED, who + " " + what);
        } else if (who.startsWith("coordinator") && DECISION.matcher(what).matches()) {
            mark(ms(atNs), kind(what), what);
        } else if (who.startsWith("router") && (what.contains(" is suspect") || what.contains(" is lost"))) {
            mark(ms(atNs), RunMark.Kind.DETECTED, who + ": " + what);
        }
    }

    private static RunMark.Kind kind(final String decision) {
        if (decision.startsWith("PUBLISHED")) {
            return RunMark.Kind.PUBLISHED;
        }
        return decision.startsWith("NODE_GONE") || decision.startsWith("RESCUE") || decision.startsWith("ROUTER_GONE")
                ? RunMark.Kind.DETECTED
                : RunMark.Kind.DECIDED;
    }

    private void ofClient(final double ms, final String who, final String what, final boolean mayBegin) {
        final Open stream = open.get(who);
        if (what.equals("asks")) {
            end(who, StreamLine.End.BROKEN, "its router ended");
            if (mayBegin) {
                open.put(who, new Open(ms, new ArrayList<>()));
            }
        } else if (stream != null && what.equals("token")) {
            stream.tokensMs.add(ms);
        } else if (stream != null) {
            final boolean whole = what.startsWith("LENGTH ") || what.startsWith("STOP ");
            end(who, whole ? StreamLine.End.SAME : StreamLine.End.BROKEN, whole ? "" : what);
        }
    }

    private void end(final String who, final StreamLine.End how, final String why) {
        final @Nullable Open stream = open.remove(who);
        if (stream != null) {
            final int lane = lanes.computeIfAbsent(who, name -> lanes.size());
            ended.add(new StreamLine(lane, lane, stream.beganMs, stream.tokensMs, how, why));
        }
    }

    /** A moment; beyond a number of them no more are kept. */
    public void mark(final double atMs, final RunMark.Kind kind, final String text) {
        if (marks.size() < MOST_MARKS || kind == RunMark.Kind.FAULT || kind == RunMark.Kind.WHOLE) {
            marks.add(new RunMark(atMs, kind, text));
        }
    }

    /** Streams that have ended, in order of their ends. */
    public List<StreamLine> streams() {
        return List.copyOf(ended);
    }

    /** Moments so far. */
    public List<RunMark> marks() {
        return List.copyOf(marks);
    }
}
