package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import org.apache.pekko.event.EventStream;
import org.apache.pekko.remote.FailureDetector;
import org.apache.pekko.remote.FailureDetectorWithAddress;
import org.apache.pekko.remote.PhiAccrualFailureDetector;

/**
 * Judges a member by its heartbeats as Pekko's own detector does, until the cluster has decided to go without it: from
 * then on it is unavailable. Pekko alone would wait for a whole {@code acceptable-heartbeat-pause} before it removes a
 * member that was said to have ended, and meanwhile every other member would gossip to it, since it is the one that
 * hasn't seen the news, once a second, each with an attempt to connect. Pekko makes one for each member that this one
 * watches, by the name in {@code failure-detector.implementation-class}.
 */
public final class MemberFailureDetector implements FailureDetector, FailureDetectorWithAddress {
    private final PhiAccrualFailureDetector heartbeats;
    private final DownedMembers downed;
    private volatile String address = "";

    /** As Pekko asks for: the settings under {@code failure-detector}, and the event stream of its actor system. */
    public MemberFailureDetector(final Config config, final EventStream system) {
        heartbeats = new PhiAccrualFailureDetector(config, system);
        downed = DownedMembers.of(system);
    }

    @Override
    public void setAddress(final String member) {
        address = member;
        heartbeats.setAddress(member);
    }

    @Override
    public boolean isAvailable() {
        return !downed.contains(address) && heartbeats.isAvailable();
    }

    @Override
    public boolean isMonitoring() {
        return heartbeats.isMonitoring();
    }

    @Override
    public void heartbeat() {
        heartbeats.heartbeat();
    }
}
