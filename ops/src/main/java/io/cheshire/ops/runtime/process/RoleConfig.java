package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.FailureDomain;
import io.cheshire.http.core.console.ConsoleFacts;
import io.cheshire.settings.SettingReader;
import java.util.List;

/**
 * The values of {@code cheshire.role}: what tells a process from the others of its kind.
 *
 * @param nodeId        number of this expert node; -1: none
 * @param routerId      number of this router; -1: none
 * @param channel       of the data plane, on which this process listens
 * @param failureDomain what this expert node shares with others that fail together with it; empty: nothing
 * @param settings      all that are in force here, to be shown
 */
public record RoleConfig(
        int nodeId, int routerId, String channel, String failureDomain, List<ConsoleFacts.Setting> settings) {
    private static final String SECTION = "cheshire.role";

    /** For commands that have a flag for it. */
    public static final String NODE_ID = SECTION + ".node-id";

    public static final String ROUTER_ID = SECTION + ".router-id";
    public static final String CHANNEL = SECTION + ".channel";
    public static final String FAILURE_DOMAIN = SECTION + ".failure-domain";

    private static final int NONE = -1;
    static final int MAX_MEMBER_ID = 4095;

    /** Reads {@code cheshire.role} of a whole configuration. */
    public static RoleConfig from(final SettingReader root) {
        return new RoleConfig(
                id(root, NODE_ID, NONE),
                id(root, ROUTER_ID, NONE),
                root.text(CHANNEL),
                failureDomain(root),
                ShownSettings.of(root.whole()));
    }

    private static String failureDomain(final SettingReader root) {
        final String domain = root.textOrEmpty(FAILURE_DOMAIN);
        final boolean isValid =
                root.require(FailureDomain.isValid(domain), FAILURE_DOMAIN, "must be " + FailureDomain.MUST_BE);
        return isValid ? domain : FailureDomain.NONE;
    }

    /** The same of a process that is an expert node, so it has a number. */
    static RoleConfig ofExpertNode(final SettingReader root) {
        id(root, NODE_ID, 0);
        return from(root);
    }

    /** The same of a router. */
    static RoleConfig ofRouter(final SettingReader root) {
        id(root, ROUTER_ID, 0);
        return from(root);
    }

    private static int id(final SettingReader root, final String key, final int least) {
        final int id = root.number(key, Integer.MIN_VALUE, Integer.MAX_VALUE);
        root.require(
                id >= least && id <= MAX_MEMBER_ID,
                key,
                "must be the number of this member, 0 to " + MAX_MEMBER_ID
                        + "; give it by its flag or in the file of --config");
        return id;
    }
}
