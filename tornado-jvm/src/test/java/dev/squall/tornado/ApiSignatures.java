package dev.squall.tornado;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.ExceptionsAttribute;
import java.lang.reflect.AccessFlag;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What compiled code can refer to in the packages of TornadoVM's API: of every public class its kind, its ancestors, and
 * its public and protected members with their descriptors, a line each. Read from class files, nothing is loaded.
 */
final class ApiSignatures {
    private static final String PACKAGES = "uk/ac/manchester/tornado/api";

    /** Methods that link whether a class has its own or not. */
    private static final Set<String> EVERY_OBJECT = Set.of("toString", "equals", "hashCode", "<clinit>");

    private final Map<String, ClassModel> classes;

    private ApiSignatures(Map<String, ClassModel> classes) {
        this.classes = classes;
    }

    /** Those of a directory of classes. */
    static ApiSignatures ofDirectory(Path root) throws IOException {
        Map<String, ClassModel> classes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root.resolve(PACKAGES))) {
            for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".class"))::iterator) {
                ClassModel model = ClassFile.of().parse(Files.readAllBytes(file));
                classes.put(model.thisClass().asInternalName(), model);
            }
        }
        return new ApiSignatures(classes);
    }

    static ApiSignatures ofJar(Path jar) throws IOException {
        try (FileSystem files = FileSystems.newFileSystem(jar)) {
            return ofDirectory(files.getPath("/"));
        }
    }

    /** The API's jar of the installed SDK: in TORNADOVM_HOME, else SDKMAN's current one. */
    static Optional<Path> sdkJar() {
        String home = System.getenv("TORNADOVM_HOME");
        Path sdk = home != null
                ? Path.of(home)
                : Path.of(System.getProperty("user.home"), ".sdkman/candidates/tornadovm/current");
        Path jars = sdk.resolve("share/java/tornado");
        if (!Files.isDirectory(jars)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(jars)) {
            return files.filter(f -> f.getFileName().toString().matches("tornado-api-[0-9].*\\.jar"))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Set<String> publicClasses() {
        return classes.values().stream()
                .filter(this::reachable)
                .map(c -> c.thisClass().asInternalName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The lines of a class, those of its ancestors in these packages included; empty if there is no such class. */
    Set<String> lines(String name) {
        Set<String> lines = new TreeSet<>();
        ClassModel model = classes.get(name);
        if (model == null || !reachable(model)) {
            return lines;
        }
        lines.add(flag(model, AccessFlag.INTERFACE, "interface", "class"));
        model.findAttribute(Attributes.runtimeVisibleAnnotations()).stream()
                .flatMap(annotations -> annotations.annotations().stream())
                .forEach(annotation -> meta(annotation, lines));
        collect(model, lines);
        return lines;
    }

    private void collect(ClassModel model, Set<String> lines) {
        for (FieldModel field : model.fields()) {
            if (visible(field.flags().flags())) {
                String constant = field.findAttribute(Attributes.constantValue())
                        .map(value -> " = " + value.constant().constantValue())
                        .orElse("");
                lines.add("field " + scope(field.flags().flags())
                        + field.fieldName().stringValue() + " "
                        + field.fieldType().stringValue() + constant);
            }
        }
        for (MethodModel method : model.methods()) {
            String name = method.methodName().stringValue();
            if (visible(method.flags().flags()) && !EVERY_OBJECT.contains(name)) {
                lines.add("method " + scope(method.flags().flags()) + name
                        + method.methodType().stringValue() + checked(method));
            }
        }
        Stream.concat(model.superclass().stream(), model.interfaces().stream()).forEach(ancestor -> {
            ClassModel parent = classes.get(ancestor.asInternalName());
            if (parent != null) {
                if (reachable(parent)) {
                    lines.add("is " + ancestor.asInternalName());
                }
                Set<String> inherited = new TreeSet<>();
                collect(parent, inherited);
                inherited.removeIf(line -> line.contains(" <init>"));
                lines.addAll(inherited);
            }
        });
    }

    /** What an annotation of an annotation says, such as its targets. */
    private static void meta(Annotation annotation, Set<String> lines) {
        String name = annotation.className().stringValue();
        if (name.equals("Ljava/lang/annotation/Target;")) {
            if (annotation.toString().contains("TYPE_USE")) {
                lines.add("target TYPE_USE");
            }
        } else if (name.equals("Ljava/lang/annotation/Retention;")
                && annotation.toString().contains("RUNTIME")) {
            lines.add("retention RUNTIME");
        }
    }

    private static String checked(MethodModel method) {
        return method.findAttribute(Attributes.exceptions()).map(ExceptionsAttribute::exceptions).stream()
                .flatMap(list -> list.stream())
                .map(type -> " throws " + type.asInternalName())
                .collect(Collectors.joining());
    }

    private boolean reachable(ClassModel model) {
        String name = model.thisClass().asInternalName();
        int nest = name.lastIndexOf('$');
        return model.flags().has(AccessFlag.PUBLIC) && (nest < 0 || reachable(classes.get(name.substring(0, nest))));
    }

    private static boolean visible(Set<AccessFlag> flags) {
        return !flags.contains(AccessFlag.SYNTHETIC)
                && (flags.contains(AccessFlag.PUBLIC) || flags.contains(AccessFlag.PROTECTED));
    }

    private static String scope(Set<AccessFlag> flags) {
        return flags.contains(AccessFlag.STATIC) ? "static " : "";
    }

    private static String flag(ClassModel model, AccessFlag flag, String yes, String no) {
        return model.flags().has(flag) ? yes : no;
    }
}
