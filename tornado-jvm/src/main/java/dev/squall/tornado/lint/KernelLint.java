package dev.squall.tornado.lint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.reflect.AccessFlag;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the bytecode of kernels and finds what TornadoVM's OpenCL back-end compiles to something else without a word, or does
 * not compile. Kernels that it passes are written in the dialect that a device and the JVM agree on.
 *
 * <p>A kernel is a {@code public static void} method that takes arrays of TornadoVM; the static helpers that it calls are
 * read as part of it. The findings come from measurements on TornadoVM 5.2.0 with an OpenCL CPU device. What cannot be seen in
 * bytecode stays out: indices out of range, divisors that are zero, comparisons with NaN.
 */
public final class KernelLint {
    /** Functions that OpenCL has: a kernel of the same name is none for the driver, which says so on the console and goes on. */
    private static final Set<String> BUILT_IN = Set.of(
            "abs",
            "all",
            "any",
            "clamp",
            "cross",
            "degrees",
            "distance",
            "dot",
            "exp",
            "floor",
            "fma",
            "length",
            "log",
            "mad",
            "max",
            "min",
            "mix",
            "normalize",
            "pow",
            "radians",
            "rotate",
            "round",
            "select",
            "sign",
            "sqrt",
            "step");

    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, ClassModel> classes = new HashMap<>();
    private final Set<String> read = new HashSet<>();
    private final Deque<String> calls = new ArrayDeque<>();
    private final ClassLoader loader;

    private KernelLint(ClassLoader loader) {
        this.loader = loader;
    }

    /** An instruction and its place. */
    record Step(Instruction instruction, int line) {}

    /** The body of a method: its instructions, and the index that each label stands in front of. */
    record Body(String method, boolean kernel, boolean context, List<Step> steps, Map<Label, Integer> labels) {
        int target(Label label) {
            return labels.get(label);
        }
    }

    /** What is wrong with the kernels of a class, in the order of its methods; empty if nothing is. */
    public static List<Finding> check(Class<?> kernels) {
        KernelLint lint = new KernelLint(kernels.getClassLoader());
        for (MethodModel method :
                lint.model(kernels.getName().replace('.', '/')).methods()) {
            String type = method.methodType().stringValue();
            boolean kernel = method.flags().has(AccessFlag.PUBLIC)
                    && method.flags().has(AccessFlag.STATIC)
                    && type.endsWith(")V")
                    && type.contains("Luk/ac/manchester/tornado/api/");
            if (kernel) {
                lint.read(kernels.getName().replace('.', '/'), method, true);
            }
        }
        return List.copyOf(lint.findings);
    }

    void report(String method, int line, String construct, String workaround) {
        findings.add(new Finding(method, line, construct, workaround));
    }

    private void read(String owner, MethodModel method, boolean kernel) {
        String id = owner + "." + method.methodName() + method.methodType();
        if (method.code().isEmpty() || !read.add(id)) {
            return;
        }
        String name = owner.substring(owner.lastIndexOf('/') + 1) + "."
                + method.methodName().stringValue();
        List<Step> steps = new ArrayList<>();
        Map<Label, Integer> labels = new HashMap<>();
        int line = 0;
        for (CodeElement element : method.code().get()) {
            switch (element) {
                case LineNumber number -> line = number.line();
                case LabelTarget target -> labels.put(target.label(), steps.size());
                case Instruction instruction -> steps.add(new Step(instruction, line));
                default -> {} // debug information
            }
        }
        if (kernel && BUILT_IN.contains(method.methodName().stringValue())) {
            report(name, steps.getFirst().line, "a kernel with the name of a function of OpenCL", "another name");
        }
        if (!method.code().get().exceptionHandlers().isEmpty()) {
            report(name, steps.getFirst().line, "try", "no exceptions in kernels");
        }
        boolean context = method.methodType().stringValue().contains("KernelContext;");
        Body body = new Body(name, kernel, context, steps, labels);
        new Loops(this, body).check();
        new Conditions(this, body).check();
        new Values(this, body).check();
        calls.push(id);
        for (Step step : steps) {
            if (step.instruction() instanceof InvokeInstruction call && ours(call)) {
                follow(name, step.line, call);
            }
        }
        calls.pop();
    }

    private void follow(String from, int line, InvokeInstruction call) {
        String id = call.owner().asInternalName() + "." + call.name().stringValue()
                + call.type().stringValue();
        if (calls.contains(id)) {
            report(from, line, "recursion", "a loop");
        }
        MethodModel helper = helper(call);
        if (helper != null) {
            read(call.owner().asInternalName(), helper, false);
        }
    }

    /** The method that a call of ours leads to, null if its class cannot be found. */
    MethodModel helper(InvokeInstruction call) {
        return model(call.owner().asInternalName()).methods().stream()
                .filter(method -> method.methodName().equalsString(call.name().stringValue())
                        && method.methodType().equalsString(call.type().stringValue()))
                .findFirst()
                .orElse(null);
    }

    /** Whether a static method is called that is neither the JDK's nor TornadoVM's: it becomes a part of the kernel. */
    static boolean ours(InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        return call.opcode() == java.lang.classfile.Opcode.INVOKESTATIC
                && !owner.startsWith("java/")
                && !owner.startsWith("uk/ac/manchester/tornado/");
    }

    private ClassModel model(String name) {
        return classes.computeIfAbsent(name, this::parse);
    }

    private ClassModel parse(String name) {
        try (InputStream bytes = loader.getResourceAsStream(name + ".class")) {
            if (bytes == null) {
                throw new IllegalArgumentException("class " + name + ": found no class file, expected one");
            }
            return ClassFile.of().parse(bytes.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
