package io.cheshire.helm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a chart renders, as objects of Kubernetes. Reading is strict: a field that Kubernetes doesn't know, which an API
 * server would drop without a word, is an error.
 */
final class Manifests {
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.ofEntries(
            Map.entry("v1/ConfigMap", ConfigMap.class),
            Map.entry("v1/Service", Service.class),
            Map.entry("v1/ServiceAccount", ServiceAccount.class),
            Map.entry("v1/PersistentVolumeClaim", PersistentVolumeClaim.class),
            Map.entry("v1/Pod", Pod.class),
            Map.entry("apps/v1/StatefulSet", StatefulSet.class),
            Map.entry("batch/v1/Job", Job.class),
            Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class),
            Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class),
            Map.entry("networking.k8s.io/v1/Ingress", Ingress.class),
            Map.entry("gateway.networking.k8s.io/v1/HTTPRoute", HTTPRoute.class),
            Map.entry("autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
            Map.entry("monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class),
            Map.entry("monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class));

    /** Kinds without classes at hand; their fields are listed in {@link #strictScaledObject}. */
    private static final String SCALED_OBJECT = "keda.sh/v1alpha1/ScaledObject";

    /** The models keep what they don't know in a map; without that map an unknown field is an error. */
    private static final ObjectMapper STRICT = Chart.YAML
            .copy()
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(final Annotated member) {
                    return false;
                }
            })
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final List<HasMetadata> objects;
    private final List<JsonNode> trees;

    private Manifests(final List<HasMetadata> objects, final List<JsonNode> trees) {
        this.objects = objects;
        this.trees = trees;
    }

    /** Reads what Helm rendered. */
    static Manifests of(final String rendered) {
        final List<HasMetadata> objects = new ArrayList<>();
        final List<JsonNode> trees = new ArrayList<>();
        try (MappingIterator<JsonNode> documents =
                Chart.YAML.readerFor(JsonNode.class).readValues(rendered)) {
            while (documents.hasNext()) {
                final JsonNode tree = documents.next();
                if (tree == null || tree.isNull() || tree.isMissingNode()) {
                    continue;
                }
                trees.add(tree);
                final String kind = tree.path("apiVersion").asText() + "/"
                        + tree.path("kind").asText();
                if (kind.equals(SCALED_OBJECT)) {
                    strictScaledObject(tree);
                    continue;
                }
                final Class<? extends HasMetadata> type = KINDS.get(kind);
                if (type == null) {
                    throw new AssertionError("unknown kind " + kind);
                }
                objects.add(strict(tree, type));
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Manifests(objects, trees);
    }

    /** Reads one object strictly. */
    static <T> T strict(final JsonNode tree, final Class<T> type) {
        try {
            return STRICT.treeToValue(tree, type);
        } catch (final JsonProcessingException e) {
            throw new AssertionError(
                    tree.path("kind").asText() + " "
                            + tree.path("metadata").path("name").asText() + ": " + e.getOriginalMessage(),
                    e);
        }
    }

    /** The fields of KEDA's ScaledObject that this chart may use. */
    private static void strictScaledObject(final JsonNode tree) {
        final Set<String> known =
                Set.of("scaleTargetRef", "minReplicaCount", "maxReplicaCount", "advanced", "triggers");
        tree.path("spec").fieldNames().forEachRemaining(field -> {
            if (!known.contains(field)) {
                throw new AssertionError("ScaledObject: unknown field " + field);
            }
        });
    }

    /** All documents as trees. */
    List<JsonNode> trees() {
        return trees;
    }

    /** All objects of a kind, in the order of the text. */
    <T extends HasMetadata> List<T> all(final Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The object of a kind whose name ends so. */
    <T extends HasMetadata> T one(final Class<T> type, final String nameEnd) {
        final List<T> found = all(type).stream()
                .filter(object -> object.getMetadata().getName().endsWith(nameEnd))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(type.getSimpleName() + " ...-" + nameEnd + ": " + found.size() + " of them");
        }
        return found.getFirst();
    }

    /** Pods of the three roles. */
    List<PodTemplateSpec> rolePods() {
        return all(StatefulSet.class).stream()
                .map(set -> set.getSpec().getTemplate())
                .toList();
    }

    /** Every container of every pod, those that only initialise and those of Jobs and tests included. */
    List<Container> containers() {
        final List<Container> containers = new ArrayList<>();
        rolePods().forEach(pod -> {
            containers.addAll(pod.getSpec().getContainers());
            containers.addAll(pod.getSpec().getInitContainers());
        });
        all(Job.class)
                .forEach(job ->
                        containers.addAll(job.getSpec().getTemplate().getSpec().getContainers()));
        all(Pod.class).forEach(pod -> containers.addAll(pod.getSpec().getContainers()));
        return containers;
    }
}
