package io.cheshire.planner.core.screen;

/**
 * One step of a lane, and where its time goes; times of a layer are of one layer.
 *
 * @param totalNs    from one step of the lane to its next
 * @param router     in one layer: attention, projections, copying rows
 * @param exchangeNs of one layer: messages without experts' compute and without the wire
 * @param wireNs     of one layer: the network's latency and the card's time
 * @param slowestNs  of one layer: the node that it waits for
 * @param meanNs     of one layer: a node on average
 * @param queueNs    of one layer: waiting behind other lanes at a node
 * @param extraNs    of a step: head, sampler, scheduling
 * @param bound      what the step waits for most
 */
public record StepTime(
        double totalNs,
        RouterPart router,
        double exchangeNs,
        double wireNs,
        double slowestNs,
        double meanNs,
        double queueNs,
        double extraNs,
        Station bound) {
    /** A router's part of one layer. */
    public record RouterPart(double attentionNs, double projectionsNs, double copyNs) {
        public double sumNs() {
            return attentionNs + projectionsNs + copyNs;
        }
    }
}
