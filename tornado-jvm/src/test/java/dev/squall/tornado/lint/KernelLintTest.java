package dev.squall.tornado.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every construct that a device gets wrong is found, on its line; what it gets right is passed. */
class KernelLintTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/squall/tornado/lint/BadKernels.java");

    @Test
    void badKernelsAreRefusedLineByLine() throws IOException {
        List<String> source = Files.readAllLines(SOURCE);
        TreeSet<Integer> marked = IntStream.rangeClosed(1, source.size())
                .filter(line -> source.get(line - 1).endsWith("// refused"))
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));
        List<Finding> findings = KernelLint.check(BadKernels.class);
        TreeSet<Integer> found = findings.stream().map(Finding::line).collect(Collectors.toCollection(TreeSet::new));
        assertThat(found).as(findings.toString()).isEqualTo(marked);
        assertThat(findings)
                .allSatisfy(finding -> assertThat(finding.workaround()).isNotBlank());
    }

    @Test
    void cleanKernelsPass() {
        assertThat(KernelLint.check(CleanKernels.class)).isEmpty();
    }

    @Test
    void aFindingNamesPlaceConstructAndWorkaround() {
        assertThat(KernelLint.check(BadKernels.class).getFirst())
                .hasToString("BadKernels.unsignedShift, line 21: >>>; instead: (x >> s) & mask");
    }
}
