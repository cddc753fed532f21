package io.cheshire.ops.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class ClusterTableTest {
    @Test
    void shouldSayWhatTheLossOfEachRackWouldCost() throws Exception {
        final String status = status(false, 3, """
                {"name": "rack-a", "nodes": [0, 2], "unitsLost": 3, "unitsLeftWithOne": 61},
                {"name": "node 7", "nodes": [7], "unitsLost": 0, "unitsLeftWithOne": 4}""");

        assertThat(status)
                .contains("fewest holders of a unit 2; survives the loss of any one node: yes; any one rack: no;"
                        + " units whose copies share a rack 3");
        assertThat(status.lines().toList())
                .contains(
                        "if lost: rack        units gone  with one left  nodes",
                        "rack-a                        3             61  [0,2]",
                        "node 7                        0              4  [7]");
    }

    @Test
    void shouldHaveNoTableOfRacksWhereNodesNameNone() throws Exception {
        final String status = status(true, 0, """
                {"name": "node 0", "nodes": [0], "unitsLost": 0, "unitsLeftWithOne": 4}""");

        assertThat(status)
                .contains("any one rack: yes" + System.lineSeparator())
                .doesNotContain("if lost", "share");
    }

    private static String status(final boolean anyDomain, final int sharing, final String domains)
            throws JsonProcessingException {
        return ClusterTable.status(new ObjectMapper().readTree("""
                {"clusterName": "c", "epoch": 1, "phase": "STEADY", "complete": true, "unitsWithoutNode": [],
                 "health": {"ready": true, "atTarget": true, "replicas": 2}, "nodes": [], "routers": [],
                 "survival": {"holdersMin": 2, "anyNode": true, "anyDomain": %s, "unitsSharingDomain": %d,
                              "domains": [%s]}}""".formatted(anyDomain, sharing, domains)));
    }
}
