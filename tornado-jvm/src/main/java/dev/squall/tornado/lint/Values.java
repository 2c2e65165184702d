package dev.squall.tornado.lint;

import dev.squall.tornado.lint.KernelLint.Body;
import dev.squall.tornado.lint.KernelLint.Step;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows values through a method, from instruction to instruction in the order of the source, and finds operations that a
 * device carries out otherwise: what is done with bytes that were made unsigned, with arrays in local memory, with calls that
 * have no counterpart.
 */
final class Values {
    /** What is known of a value. */
    private enum Kind {
        OTHER,
        CONSTANT,
        MASKED, // & 0xFF or & 0xFFFF: unsigned on the device
        PRODUCT, // of ints, which may have overflowed
        CLAMPED,
        BIT_COUNT, // of a long: the device counts in a type of its own
        PRIVATE_ARRAY,
        LOCAL_ARRAY,
        BRANCHY // the result of a helper with branches
    }

    private static final class Value {
        final Kind kind;
        final Object constant;
        boolean written; // a private array that something was stored to

        Value(Kind kind, Object constant) {
            this.kind = kind;
            this.constant = constant;
        }
    }

    private static final Value OTHER = new Value(Kind.OTHER, null);
    private static final String API = "uk/ac/manchester/tornado/api/";

    private final KernelLint lint;
    private final Body body;
    private final Deque<Value> stack = new ArrayDeque<>();
    private final Map<Integer, Value> slots = new HashMap<>();
    private int line;

    Values(KernelLint lint, Body body) {
        this.lint = lint;
        this.body = body;
    }

    void check() {
        for (Step step : body.steps()) {
            line = step.line();
            switch (step.instruction()) {
                case LoadInstruction load -> push(slots.getOrDefault(load.slot(), OTHER));
                case StoreInstruction store -> slots.put(store.slot(), pop());
                case ConstantInstruction constant -> constant(constant.constantValue());
                case OperatorInstruction operator -> operator(operator.opcode());
                case ConvertInstruction convert -> convert(convert);
                case NewPrimitiveArrayInstruction array -> newArray(array.typeKind());
                case ArrayLoadInstruction _ -> arrayLoad();
                case ArrayStoreInstruction _ -> arrayStore();
                case FieldInstruction field -> field(field);
                case InvokeInstruction call -> call(call);
                case StackInstruction on -> stack(on.opcode());
                case NewObjectInstruction _ -> push(OTHER);
                case NewReferenceArrayInstruction _ -> refuse("an array of objects", "arrays of float, int or long");
                case BranchInstruction branch -> branch(branch.opcode());
                case LookupSwitchInstruction _ -> pop();
                case TableSwitchInstruction _ -> pop();
                case ReturnInstruction _ -> stack.clear();
                case ThrowInstruction _ -> refuse("throw", "no exceptions in kernels");
                default -> {} // increments, checks of types, nothing
            }
        }
    }

    private void refuse(String construct, String workaround) {
        lint.report(body.method(), line, construct, workaround);
    }

    private void push(Value value) {
        stack.push(value);
    }

    private Value pop() {
        return stack.isEmpty() ? OTHER : stack.pop();
    }

    private void constant(Object value) {
        if (value instanceof Float f && f.isNaN() || value instanceof Double d && d.isNaN()) {
            refuse("the literal NaN", "NaN inside a FloatArray");
        }
        push(new Value(Kind.CONSTANT, value));
    }

    private void operator(Opcode opcode) {
        Value right = pop();
        switch (opcode) {
            case INEG, LNEG, FNEG, DNEG, ARRAYLENGTH -> {
                push(OTHER);
                return;
            }
            default -> {}
        }
        Value left = pop();
        switch (opcode) {
            case IUSHR, LUSHR -> refuse(">>>", "(x >> s) & mask");
            case ISUB, IDIV, IREM, ISHR -> {
                if (left.kind == Kind.MASKED) {
                    refuse(
                            "a masked byte or short in "
                                    + opcode.name().substring(1).toLowerCase(java.util.Locale.ROOT),
                            "(float) (b & 0xFF) - 128f, b < 0 ? b + 256 : b, or (b >> 4) & 15");
                }
            }
            default -> {}
        }
        push(result(opcode, left, right));
    }

    private static Value result(Opcode opcode, Value left, Value right) {
        boolean mask = opcode == Opcode.IAND && (isMask(left) || isMask(right));
        return mask ? new Value(Kind.MASKED, null) : opcode == Opcode.IMUL ? new Value(Kind.PRODUCT, null) : OTHER;
    }

    private static boolean isMask(Value value) {
        return value.kind == Kind.CONSTANT && value.constant instanceof Integer i && (i == 0xFF || i == 0xFFFF);
    }

    private void convert(ConvertInstruction convert) {
        Value value = pop();
        boolean toLong = convert.toType() == TypeKind.LONG && convert.fromType() == TypeKind.INT;
        boolean floating = convert.fromType() == TypeKind.FLOAT || convert.fromType() == TypeKind.DOUBLE;
        boolean toWhole = convert.toType() == TypeKind.INT || convert.toType() == TypeKind.LONG;
        if (toLong && value.kind == Kind.MASKED) {
            refuse("a masked byte or short made a long", "(long) b & 0xFFL");
        }
        if (toLong && value.kind == Kind.PRODUCT) {
            refuse("an int product made a long, which may have overflowed", "multiply as long, & 0xFFFFFFFFL");
        }
        if (floating && toWhole && value.kind != Kind.CLAMPED) {
            refuse("a cast of a float that may be huge or NaN", "Math.max(least, Math.min(most, x)) inside the cast");
        }
        push(OTHER);
    }

    private void newArray(TypeKind type) {
        pop();
        if (type == TypeKind.BYTE || type == TypeKind.SHORT || type == TypeKind.CHAR || type == TypeKind.BOOLEAN) {
            refuse("a private array of " + type.name().toLowerCase(java.util.Locale.ROOT), "int[]");
        }
        push(new Value(Kind.PRIVATE_ARRAY, null));
    }

    private void arrayLoad() {
        pop();
        Value array = pop();
        if (array.kind == Kind.PRIVATE_ARRAY && !array.written) {
            refuse("a private array that is read before it is written", "set its elements first: they are not zero");
            array.written = true;
        }
        push(OTHER);
    }

    private void arrayStore() {
        pop();
        pop();
        pop().written = true;
    }

    private void field(FieldInstruction field) {
        boolean write = field.opcode() == Opcode.PUTFIELD || field.opcode() == Opcode.PUTSTATIC;
        if (write) {
            pop();
        }
        if (field.opcode() == Opcode.GETFIELD || field.opcode() == Opcode.PUTFIELD) {
            pop();
        }
        if (field.opcode() == Opcode.GETSTATIC && field.type().stringValue().startsWith("[")) {
            refuse("a static array", "a FloatArray or IntArray as an argument");
        }
        if (field.opcode() == Opcode.PUTSTATIC) {
            refuse("a store to a static field", "an array argument");
        }
        if (!write) {
            push(OTHER);
        }
    }

    private void call(InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        String type = call.type().stringValue();
        List<Value> arguments = new ArrayList<>();
        for (int i = 0; i < call.typeSymbol().parameterCount(); i++) {
            arguments.addFirst(pop());
        }
        if (call.opcode() != Opcode.INVOKESTATIC) {
            pop();
        }
        String workaround = ForbiddenCalls.workaround(owner, name, type);
        if (workaround != null) {
            refuse(owner.substring(owner.lastIndexOf('/') + 1) + "." + name, workaround);
        }
        if (isLimit(owner, name) && arguments.stream().anyMatch(a -> a.kind == Kind.BIT_COUNT)) {
            refuse("a bit count of a long in " + name, "a comparison: count < most ? count : most");
        }
        boolean ours = KernelLint.ours(call);
        for (Value argument : arguments) {
            if (ours && argument.kind == Kind.LOCAL_ARRAY) {
                refuse("an array in local memory passed to " + name, "its code in the body of the kernel");
            }
            argument.written = true; // the helper may have done it
        }
        boolean vector = owner.startsWith(API + "types/vectors/");
        if (vector && name.equals("<init>") && arguments.stream().anyMatch(a -> a.kind == Kind.BRANCHY)) {
            refuse("a helper with branches as an argument of a vector", "a helper without branches");
        }
        if (vector && name.equals("get") && type.startsWith("(I)") && arguments.getFirst().kind != Kind.CONSTANT) {
            refuse("a lane of a vector by a variable index", "constant lanes: getS0(), getS1(), …");
        }
        if (!type.endsWith(")V")) {
            push(resultOf(call, owner, name, ours));
        }
    }

    private Value resultOf(InvokeInstruction call, String owner, String name, boolean ours) {
        if (owner.equals(API + "KernelContext") && name.startsWith("allocate")) {
            return new Value(Kind.LOCAL_ARRAY, null);
        }
        if (isLimit(owner, name)) {
            return new Value(Kind.CLAMPED, null);
        }
        if (owner.equals("java/lang/Long") && name.equals("bitCount")) {
            return new Value(Kind.BIT_COUNT, null);
        }
        if (ours) {
            MethodModel helper = lint.helper(call);
            boolean branches = helper != null
                    && helper.code().isPresent()
                    && helper.code().get().elementStream().anyMatch(BranchInstruction.class::isInstance);
            return branches ? new Value(Kind.BRANCHY, null) : OTHER;
        }
        return OTHER;
    }

    private static boolean isLimit(String owner, String name) {
        return (owner.equals("java/lang/Math") || owner.equals(API + "math/TornadoMath"))
                && (name.equals("min") || name.equals("max") || name.equals("clamp"));
    }

    private void branch(Opcode opcode) {
        switch (opcode) {
            case GOTO, GOTO_W -> stack.clear();
            case IF_ICMPEQ, IF_ICMPNE, IF_ICMPLT, IF_ICMPGE, IF_ICMPGT, IF_ICMPLE, IF_ACMPEQ, IF_ACMPNE -> {
                pop();
                pop();
            }
            default -> pop();
        }
    }

    private void stack(Opcode opcode) {
        Value top = pop();
        switch (opcode) {
            case POP -> {}
            case POP2 -> pop(); // a long lies here as one value, so this may forget one too many: harmless
            case DUP, DUP2 -> {
                push(top);
                push(top);
            }
            default -> { // the others put a copy of the top further down
                Value below = pop();
                push(top);
                push(below);
                push(top);
            }
        }
    }
}
