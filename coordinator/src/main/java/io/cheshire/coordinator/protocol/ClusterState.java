package io.cheshire.coordinator.protocol;

import io.cheshire.model.protocol.ExpertKey;
import java.util.List;

/**
 * The cluster as the coordinator sees it, ready to be rendered as JSON.
 *
 * @param clusterName      name of the cluster
 * @param modelFingerprint model it serves
 * @param phase            what the coordinator is doing: FORMING, PREPARING, PUBLISHING, RELEASING, STEADY
 * @param epoch            epoch published last, 0 before the first
 * @param expectedNodes    nodes awaited before the first epoch
 * @param complete         whether every member's figures are as fresh as was asked for
 * @param notFresh         members whose fresh report is missing, such as {@code node 3}
 * @param placement        the placement of {@code epoch}
 * @param unitsWithoutNode units that no node holds
 * @param nodes            expert nodes by id
 * @param routers          routers by id
 * @param events           last decisions, oldest first
 * @param health           how the coordinator's own work goes
 * @param sameness         what was found when copies were compared
 * @param survival         what the loss of a node or of a failure domain would cost
 */
public record ClusterState(
        String clusterName,
        String modelFingerprint,
        String phase,
        long epoch,
        int expectedNodes,
        boolean complete,
        List<String> notFresh,
        Placement placement,
        List<ExpertKey> unitsWithoutNode,
        List<NodeView> nodes,
        List<RouterView> routers,
        List<ClusterEvent> events,
        Health health,
        Sameness sameness,
        Survival survival)
        implements ControlMessage {

    /**
     * How the coordinator's own work goes.
     *
     * @param ready               whether it decides: its ticks and its balancer are alive
     * @param notReadyBecause     why not, empty when ready
     * @param replicas            nodes that each unit ought to have, as far as memory goes
     * @param atTarget            whether the published placement is what it ought to be
     * @param unitsShort          units listed on fewer nodes than they ought to have
     * @param roundAgeMs          since every member had reported lately and no load had failed, -1 before the first
     *                            time
     * @param unitsLoaded         loads that nodes reported since this coordinator started
     * @param bytesLoaded         bytes of weights moved by them
     * @param balancednessByLayer mean over nodes of the rows served lately by the most that one node served, in (0, 1];
     *                            1 where nothing was served
     */
    public record Health(
            boolean ready,
            String notReadyBecause,
            int replicas,
            boolean atTarget,
            int unitsShort,
            long roundAgeMs,
            long unitsLoaded,
            long bytesLoaded,
            List<Double> balancednessByLayer) {}

    /**
     * What was found when copies of units were compared, since this coordinator started.
     *
     * @param unitsDiffering  copies that nodes hold now and that nobody may use: their bytes differ, or they answered
     *                        differently
     * @param unitsRefused    copies whose bytes differed when their node said what it holds
     * @param scrubsAgreed    comparisons of what copies answer to one row in which all answered alike
     * @param scrubsDisagreed comparisons in which they did not
     * @param scrubsSkipped   comparisons without a result, since a node was busy or gone
     */
    public record Sameness(
            int unitsDiffering, long unitsRefused, long scrubsAgreed, long scrubsDisagreed, long scrubsSkipped) {}

    /**
     * What the loss of a node or of a failure domain would cost, by the published placement and the nodes that are
     * members.
     *
     * @param holdersMin         nodes that hold the unit with the fewest of them
     * @param anyNode            whether every unit would still have a holder, whichever node is lost
     * @param anyDomain          the same of failure domains
     * @param unitsSharingDomain units whose copies are in fewer failure domains than they are copies, not counting
     *                           copies beyond the replicas wanted
     * @param domains            failure domains, those with a name first
     */
    public record Survival(
            int holdersMin, boolean anyNode, boolean anyDomain, int unitsSharingDomain, List<DomainView> domains) {
        public Survival {
            domains = List.copyOf(domains);
        }
    }

    /**
     * One failure domain, and what its loss would cost.
     *
     * @param name             as its nodes name it; {@code node 3} where node 3 names none and so is one of its own
     * @param nodes            ids of its nodes
     * @param unitsLost        units that would have no holder
     * @param unitsLeftWithOne units that lose a copy and would have one holder left
     */
    public record DomainView(String name, List<Integer> nodes, int unitsLost, int unitsLeftWithOne) {
        public DomainView {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * One expert node.
     *
     * @param nodeId           the node's number
     * @param incarnation      which start of the node
     * @param state            where it is in its life; DRAINING also while an operator drains it
     * @param unused           whether no router uses it, so that it may stop
     * @param address          address of its process in the control plane
     * @param channel          Aeron channel on which it takes dispatches
     * @param streamId         Aeron stream on which it takes dispatches
     * @param units            units it holds
     * @param loading          units it was told to load and hasn't answered for
     * @param residentBytes    bytes of weights resident
     * @param memoryLimitBytes bytes it may fill with weights
     * @param rowsServed       rows answered with a result, over all units
     * @param shardsServed     shards answered with a result, over all units
     * @param queueNs          sum over shards of the time waited
     * @param computeNs        sum over kernel calls
     * @param loads            the same four figures unit by unit
     * @param failureDomain    what it shares with nodes that fail together with it; empty: nothing
     * @param deviceHealth     how its device is, in a few words; empty: nobody knows
     */
    public record NodeView(
            int nodeId,
            long incarnation,
            NodeState state,
            boolean unused,
            String address,
            String channel,
            int streamId,
            List<ExpertKey> units,
            List<ExpertKey> loading,
            long residentBytes,
            long memoryLimitBytes,
            long rowsServed,
            long shardsServed,
            long queueNs,
            long computeNs,
            List<UnitLoad> loads,
            String failureDomain,
            String deviceHealth) {}

    /**
     * One router.
     *
     * @param routerId    the router's number
     * @param incarnation which start of the router
     * @param state       where it is in its life
     * @param address     address of its process in the control plane
     * @param epoch       epoch it acknowledged last
     * @param ready       whether it admits requests
     * @param rowsByLayer rows computed since its start, per layer
     * @param answerRows  rows asked for beyond those, per layer
     */
    public record RouterView(
            int routerId,
            long incarnation,
            NodeState state,
            String address,
            long epoch,
            boolean ready,
            List<Long> rowsByLayer,
            AnswerRows answerRows) {}
}
