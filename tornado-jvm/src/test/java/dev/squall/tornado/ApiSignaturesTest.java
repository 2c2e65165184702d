package dev.squall.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Code compiled against this module must link to TornadoVM, so every class and member that it could refer to must exist
 * there with the same descriptor. What TornadoVM 5.2.0 has is recorded; with an SDK the record itself is checked.
 */
class ApiSignaturesTest {
    private static final String RECORD = "tornado-api-5.2.0.txt";

    /** How {@link MappedArrays} reaches the arrays, and graphs the collections; only JVM processes have them. */
    private static final Set<String> OWN_DOORS = Set.of(
            "uk/ac/manchester/tornado/api/types/arrays/ArrayViews",
            "uk/ac/manchester/tornado/api/types/collections/CollectionViews");

    @Test
    void everyPublicMemberExistsInTornadoVm() throws Exception {
        ApiSignatures own = own();
        Map<String, Set<String>> recorded = recorded();
        Set<String> names = own.publicClasses();
        assertThat(names).containsAll(OWN_DOORS);
        names.removeAll(OWN_DOORS);
        assertThat(names).isEqualTo(recorded.keySet());
        for (String name : names) {
            assertThat(own.lines(name)).as(name).isSubsetOf(recorded.get(name));
        }
        // Without it a loop's annotation would not be in the class file, and the loop would run on one work-item.
        assertThat(own.lines("uk/ac/manchester/tornado/api/annotations/Parallel"))
                .contains("target TYPE_USE", "retention RUNTIME");
    }

    @Test
    void theRecordIsTrueOfTheSdkFoundHere() throws Exception {
        Optional<Path> jar = ApiSignatures.sdkJar();
        assumeTrue(
                jar.isPresent(), "no TornadoVM SDK in TORNADOVM_HOME or of SDKMAN: the record is not compared with it");
        ApiSignatures sdk = ApiSignatures.ofJar(jar.get());
        recorded()
                .forEach((name, lines) -> assertThat(sdk.lines(name))
                        .as("%s in %s", name, jar.get())
                        .containsExactlyInAnyOrderElementsOf(lines));
    }

    private static ApiSignatures own() throws IOException, URISyntaxException {
        return ApiSignatures.ofDirectory(Path.of(KernelContext.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI()));
    }

    private static Map<String, Set<String>> recorded() throws IOException {
        Map<String, Set<String>> classes = new TreeMap<>();
        try (var in = ApiSignaturesTest.class.getResourceAsStream(RECORD)) {
            Set<String> lines = null;
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.startsWith("  ")) {
                    lines.add(line.strip());
                } else if (!line.startsWith("#")) {
                    lines = classes.computeIfAbsent(line, name -> new TreeSet<>());
                }
            }
        }
        return classes;
    }

    /** Writes the record: {@code ApiSignaturesTest CLASSES JAR}, where CLASSES is this module's directory of classes. */
    static void main(String[] args) throws IOException {
        ApiSignatures own = ApiSignatures.ofDirectory(Path.of(args[0]));
        ApiSignatures sdk = ApiSignatures.ofJar(Path.of(args[1]));
        System.out.println("# What tornado-api 5.2.0-jdk25 has in the classes that this module implements;");
        System.out.println("# written by ApiSignaturesTest.main from the SDK's class files.");
        for (String name : own.publicClasses()) {
            List<String> lines = List.copyOf(sdk.lines(name));
            if (!lines.isEmpty()) {
                System.out.println(name);
                lines.forEach(line -> System.out.println("  " + line));
            }
        }
    }
}
