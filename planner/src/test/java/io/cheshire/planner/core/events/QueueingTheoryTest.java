package io.cheshire.planner.core.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.planner.core.events.Chance.Purpose;
import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.testing.ValidationFiles;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** V0: the event kernel against formulas older than computers' queues. Four seeds of 10^6 customers each. */
class QueueingTheoryTest {
    private static final double SERVICE_NS = 1e6;
    private static final int CUSTOMERS = 1_000_000;
    private static final long[] SEEDS = {20261129, 20261130, 20261201, 20261202};
    private static final double LIMIT = 0.01;
    private static final long ARRIVE = -1;

    /** Mean time in a system of {@code servers}, first come, first served. */
    private static double meanStay(
            final double load, final int servers, final ToDoubleFunction<SplittableRandom> service, final long seed) {
        final SplittableRandom arrivals = Chance.of(seed, Purpose.ARRIVALS, 0);
        final SplittableRandom services = Chance.of(seed, Purpose.SERVICE, 0);
        final EventQueue events = new EventQueue();
        final StationBook book = new StationBook("a system");
        final ArrayDeque<Long> waiting = new ArrayDeque<>();
        final double gapNs = SERVICE_NS / (load * servers);
        int came = 0;
        int busy = 0;
        events.add(Math.round(Chance.exponential(arrivals, gapNs)), ARRIVE);
        while (!events.isEmpty()) {
            final long event = events.take();
            final long nowNs = events.nowNs();
            if (event == ARRIVE) {
                book.arrive(nowNs);
                waiting.add(nowNs);
                if (++came < CUSTOMERS) {
                    events.add(nowNs + Math.round(Chance.exponential(arrivals, gapNs)), ARRIVE);
                }
            } else {
                book.depart(nowNs, event);
                busy--;
            }
            if (busy < servers && !waiting.isEmpty()) {
                busy++;
                events.add(nowNs + Math.round(service.applyAsDouble(services)), waiting.remove());
            }
        }
        book.demandLittle();
        return book.meanStayNs();
    }

    private static void demand(
            final String scenario,
            final double load,
            final int servers,
            final ToDoubleFunction<SplittableRandom> service,
            final double theory) {
        double sum = 0;
        final List<Double> errors = new ArrayList<>();
        for (final long seed : SEEDS) {
            final double stay = meanStay(load, servers, service, seed);
            sum += stay / SEEDS.length;
            errors.add(stay / theory - 1);
        }
        final ValidationCell cell = new ValidationCell(
                "V0",
                scenario,
                "mean time in the system, ms",
                theory / 1e6,
                sum / 1e6,
                LIMIT,
                "by seed: "
                        + errors.stream()
                                .map(e -> "%+.2f %%".formatted(100 * e))
                                .toList());
        ValidationFiles.note(cell);
        assertThat(cell.isMissed()).as("%s", cell).isFalse();
    }

    @Test
    void shouldKeepAnMm1QueueToItsFormula() {
        final double load = 0.6;
        demand("M/M/1, load 0.6", load, 1, random -> Chance.exponential(random, SERVICE_NS), SERVICE_NS / (1 - load));
    }

    @Test
    void shouldKeepAnMd1QueueToItsFormula() {
        final double load = 0.8;
        demand("M/D/1, load 0.8", load, 1, random -> SERVICE_NS, SERVICE_NS * (1 + load / (2 * (1 - load))));
    }

    /** Two kinds of service, one nine times the other: Pollaczek and Khinchine. */
    @Test
    void shouldKeepAnMg1QueueToItsFormula() {
        final double load = 0.6;
        final double small = 0.5 * SERVICE_NS;
        final double large = 4.5 * SERVICE_NS;
        final double share = 0.125;
        final double square = share * large * large + (1 - share) * small * small;
        demand(
                "M/G/1, load 0.6, two kinds of service",
                load,
                1,
                random -> random.nextDouble() < share ? large : small,
                SERVICE_NS + load / SERVICE_NS * square / (2 * (1 - load)));
    }

    @Test
    void shouldKeepAnMmcQueueToErlangsFormula() {
        final double load = 0.7;
        final int servers = 4;
        final double offered = load * servers;
        double term = 1;
        double sum = 1;
        for (int k = 1; k < servers; k++) {
            term *= offered / k;
            sum += term;
        }
        final double all = term * offered / servers / (1 - load);
        final double waits = all / (sum + all);
        demand(
                "M/M/4, load 0.7",
                load,
                servers,
                random -> Chance.exponential(random, SERVICE_NS),
                SERVICE_NS + waits * SERVICE_NS / (servers * (1 - load)));
    }

    /** Ten customers go round three stations; mean value analysis says how fast. */
    @Test
    void shouldKeepAClosedNetworkToMeanValueAnalysis() {
        final double[] demandNs = {SERVICE_NS, 0.8 * SERVICE_NS, 0.5 * SERVICE_NS};
        final int population = 10;
        final double[] present = new double[demandNs.length];
        double throughput = 0;
        for (int customers = 1; customers <= population; customers++) {
            double round = 0;
            for (final int station : new int[] {0, 1, 2}) {
                round += demandNs[station] * (1 + present[station]);
            }
            throughput = customers / round;
            for (final int station : new int[] {0, 1, 2}) {
                present[station] = throughput * demandNs[station] * (1 + present[station]);
            }
        }
        final double seen = roundsPerNs(demandNs, population, SEEDS[0]);
        final ValidationCell cell = new ValidationCell(
                "V0",
                "closed network of three stations, 10 customers",
                "rounds a second",
                throughput * 1e9,
                seen * 1e9,
                LIMIT,
                "");
        ValidationFiles.note(cell);
        assertThat(cell.isMissed()).as("%s", cell).isFalse();
    }

    private static double roundsPerNs(final double[] demandNs, final int population, final long seed) {
        final SplittableRandom random = Chance.of(seed, Purpose.SERVICE, 0);
        final EventQueue events = new EventQueue();
        final int[] waiting = new int[demandNs.length];
        waiting[0] = population;
        events.add(Math.round(Chance.exponential(random, demandNs[0])), 0);
        int rounds = 0;
        while (rounds < CUSTOMERS) {
            final int station = (int) events.take();
            final int next = (station + 1) % demandNs.length;
            waiting[station]--;
            waiting[next]++;
            rounds += next == 0 ? 1 : 0;
            if (waiting[station] > 0) {
                events.add(events.nowNs() + Math.round(Chance.exponential(random, demandNs[station])), station);
            }
            if (waiting[next] == 1) {
                events.add(events.nowNs() + Math.round(Chance.exponential(random, demandNs[next])), next);
            }
        }
        return rounds / (double) events.nowNs();
    }
}
