package io.cheshire.chaos.sim.net;

/**
 * What the data plane's network is like.
 *
 * @param raw                   frames are lost, doubled and overtaken for good; else a session below us repairs that,
 *                              as Aeron does, and all of it shows as delay or as the end of the session
 * @param delayNs               of every packet
 * @param jitterNs              on top, drawn evenly
 * @param loss                  fraction of packets lost (and sent again unless raw)
 * @param duplicate             fraction of packets that arrive twice (raw only)
 * @param reorder               fraction of packets held back (raw only)
 * @param corrupt               fraction of packets with a bit flipped that nothing below us sees
 * @param retransmitNs          cost of one loss
 * @param mtuBytes              longest packet
 * @param windowBytes           bytes under way at most: more is back-pressured
 * @param imageLivenessNs       a session not heard of for so long ends at the receiver
 * @param connectionTimeoutNs   a receiver not heard of for so long is not connected any more
 * @param adminActionRate       fraction of sends that are told to try again at once
 */
public record DataSettings(
        boolean raw,
        long delayNs,
        long jitterNs,
        double loss,
        double duplicate,
        double reorder,
        double corrupt,
        long retransmitNs,
        int mtuBytes,
        int windowBytes,
        long imageLivenessNs,
        long connectionTimeoutNs,
        double adminActionRate) {}
