package io.cheshire.chaos.sim.parameters;

import static io.cheshire.chaos.sim.world.World.MS;
import static io.cheshire.chaos.sim.world.World.US;

import com.typesafe.config.Config;
import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.net.DataSettings;
import io.cheshire.chaos.sim.net.SimDataPlane;
import io.cheshire.transport.protocol.Channels;
import java.util.SplittableRandom;

/**
 * Everything that differs from run to run, drawn from the seed: the size of the cluster, which faults there are and how
 * often, how bad the network is, times, and the product's settings. Public fields, since all of it is data.
 */
public final class RunParameters {
    static final int HELLO_MS = 20;
    /** Runs whose channels are full after a few rows, so that shards go out in part. */
    private static final int NARROW_ONE_IN = 4;

    public final long seed;
    public final ClusterShape shape;
    public final FaultChoice faults;
    public final DataSettings network;
    public final SimTimes times;
    /** Channels are named as over UDP, so that answers must go where Hellos came from; else as shared memory. */
    public final boolean overUdp;
    /** Settings of the production code, as an operator would set them. */
    public final Config config;

    private final String settingsText;

    /**
     * A run that is asked for, and not drawn.
     *
     * @param config all of {@code cheshire}
     */
    public record Planned(
            ClusterShape.Sizes sizes,
            SimTimes.ControlTimes control,
            DataSettings network,
            boolean overUdp,
            Config config) {}

    /** What is asked for; the seed is for what chance does on the way. */
    public RunParameters(final long seed, final Planned planned) {
        this.seed = seed;
        shape = new ClusterShape(planned.sizes);
        faults = new FaultChoice();
        network = planned.network;
        times = new SimTimes(planned.control);
        overUdp = planned.overUdp;
        config = planned.config;
        settingsText = "as configured";
    }

    /**
     * Draws the parameters of a seed, in an order that stays.
     *
     * @param bug what is planted; the faults that it needs are on
     */
    public RunParameters(final long seed, final PlantedBug bug) {
        this.seed = seed;
        final Draws draws = new Draws(seed);
        shape = new ClusterShape(draws, bug);
        faults = new FaultChoice(draws, bug);
        network = network(draws, faults, bug);
        times = new SimTimes(draws, faults);
        final ProductSettings settings = new ProductSettings(draws, shape);
        settings.drawTransport(bug);
        settings.drawEngine();
        settings.drawControl(times);
        settings.drawLater();
        faults.drawLater();
        settings.drawLifelines();
        faults.drawLifelineCut();
        faults.drawOtherBytes();
        final SplittableRandom apart = draws.apart();
        faults.drawApart(apart, FaultKind.ROUTER_LEAVE, FaultKind.NODE_DOWNED, FaultKind.LOOK);
        settings.drawApart(apart);
        faults.drawApart(apart, FaultKind.CONTROL_RESET, FaultKind.LIFELINE_CUT);
        faults.addForZombies();
        settings.suit(faults);
        final SplittableRandom links = draws.apart(17);
        faults.drawApart(links, FaultKind.MEDIA_DRIVER, FaultKind.STRANGER);
        settings.checkFrames();
        overUdp = links.nextBoolean();
        faults.drawRackLoss(shape.racks);
        settings.drawSpeculation(draws.apart(59));
        faults.drawApart(draws.apart(61), FaultKind.DEVICE_LOSS);
        config = settings.config();
        settingsText = settings.toString();
    }

    private static DataSettings network(final Draws draws, final FaultChoice faults, final PlantedBug bug) {
        final boolean raw = (faults.has(FaultKind.DUPLICATION) || faults.has(FaultKind.REORDERING)) && draws.coin(0.5);
        final long livenessNs = draws.between(100 * MS, 600 * MS);
        final boolean narrow = draws.apart(41).nextInt(NARROW_ONE_IN) == 0;
        final boolean late = bug == PlantedBug.ACCEPT_LATE_ANSWER;
        return new DataSettings(
                raw,
                draws.between(20 * US, 3 * MS) + (late ? 2 * HELLO_MS * MS : 0),
                draws.coin(0.3) ? 0 : draws.between(0, 3 * MS),
                faults.has(FaultKind.LOSS) ? draws.share() * (raw ? 0.1 : 0.3) : 0,
                faults.has(FaultKind.DUPLICATION) ? draws.share() * 0.5 : 0,
                faults.has(FaultKind.REORDERING) ? draws.share() * 0.5 : 0,
                faults.has(FaultKind.CORRUPTION) ? draws.share() * 0.03 : 0,
                draws.between(1 * MS, 10 * MS),
                either(draws.coin(0.3), narrow) ? draws.pick(96, 128, 192) : 1408,
                either(draws.coin(0.2), narrow) ? 1024 : 65536,
                livenessNs,
                livenessNs + draws.between(0, 300 * MS),
                draws.coin(0.2) || bug == PlantedBug.FORGET_NACK ? 0.1 : 0);
    }

    /** Both are drawn before, so that what follows in a seed's numbers doesn't depend on the first. */
    private static boolean either(final boolean drawn, final boolean wanted) {
        return drawn || wanted;
    }

    /** The channel on which a host listens. */
    public String channelOf(final int host) {
        return overUdp ? "aeron:udp?endpoint=" + SimDataPlane.addressOf(host) : Channels.IPC;
    }

    /** The parameters in one line each, for the head of a report. */
    public String describe() {
        return "cluster: " + shape.describe()
                + "\nnetwork: " + network
                + "\nfaults: " + faults.kinds + " each " + times.faultIntervalNs / MS + " ms for "
                + times.faultNs / MS + " ms, during " + times.chaosNs / MS + " ms"
                + "\ntimes: " + times.describe()
                + "\nsettings: " + settingsText;
    }
}
