package io.cheshire.chaos.process;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What real processes do when some are lost, join or give units away: all on one cluster, since a start takes long. */
class ClusterOfProcessesIT {
    @RegisterExtension
    static final SharedCluster CLUSTER = new SharedCluster();

    @Nested
    class LostNodes extends LostNodeCases {
        LostNodes() {
            super(CLUSTER);
        }
    }

    @Nested
    class JoiningProcesses extends JoiningProcessCases {
        JoiningProcesses() {
            super(CLUSTER);
        }
    }

    @Nested
    class MovedUnits extends MovedUnitsCases {
        MovedUnits() {
            super(CLUSTER);
        }
    }
}
