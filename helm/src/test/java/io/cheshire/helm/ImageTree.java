package io.cheshire.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** The files of the image, as the build lays them down, and how the image starts: what {@code dist/image} says. */
final class ImageTree {
    private static final Path TREE = Chart.root().resolve("dist/target/image");

    private ImageTree() {}

    /** The image's root. */
    static Path root() {
        if (!Files.isRegularFile(TREE.resolve("app/classpath"))) {
            throw new IllegalStateException(
                    TREE + " is missing; build it with ./mvnw -DskipTests -pl dist -am package");
        }
        return TREE;
    }

    /** Its entry point, beginning with {@code java}. */
    static List<String> entrypoint() {
        final List<String> arguments = new ArrayList<>();
        for (final Element argument : children(container(), "entrypoint")) {
            arguments.add(argument.getTextContent());
        }
        return arguments;
    }

    /** Its environment. */
    static Map<String, String> environment() {
        final Map<String, String> variables = new LinkedHashMap<>();
        for (final Element variable : children(container(), "environment")) {
            variables.put(variable.getTagName(), variable.getTextContent());
        }
        return variables;
    }

    private static Element container() {
        try {
            return (Element) DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(Chart.root().resolve("dist/image/pom.xml").toFile())
                    .getElementsByTagName("container")
                    .item(0);
        } catch (final ParserConfigurationException | SAXException | IOException cause) {
            throw new IllegalStateException("dist/image/pom.xml can't be read", cause);
        }
    }

    private static List<Element> children(final Element parent, final String name) {
        final List<Element> children = new ArrayList<>();
        final Node section = parent.getElementsByTagName(name).item(0);
        for (Node child = section.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof final Element element) {
                children.add(element);
            }
        }
        return children;
    }
}
