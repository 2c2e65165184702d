package dev.squall.tornado.lint;

import java.util.Map;

/** Methods that have no counterpart on a device, or a wrong one, and what to write instead. */
final class ForbiddenCalls {
    private static final String BITS = "arithmetic on the number";
    private static final String ROTATE = "shifts with masks; it is made of >>>";
    private static final String ROUND = "TornadoMath.floor or ceil of a float";
    private static final String HALF = "ShortArray, and the number from its bits by arithmetic";

    /** Owner and name, and the parameters where only one of the overloads is meant. */
    private static final Map<String, String> CALLS = Map.ofEntries(
            Map.entry("java/lang/Integer.rotateLeft", ROTATE),
            Map.entry("java/lang/Integer.rotateRight", ROTATE),
            Map.entry("java/lang/Long.rotateLeft", ROTATE),
            Map.entry("java/lang/Long.rotateRight", ROTATE),
            Map.entry("java/lang/Float.intBitsToFloat", BITS),
            Map.entry("java/lang/Float.floatToRawIntBits", BITS),
            Map.entry("java/lang/Float.floatToIntBits", BITS),
            Map.entry("java/lang/Float.floatToFloat16", BITS),
            Map.entry("java/lang/Float.float16ToFloat", HALF),
            Map.entry("java/lang/Long.numberOfTrailingZeros", "Long.bitCount((x & -x) - 1L)"),
            Map.entry("java/lang/Long.numberOfLeadingZeros", "a loop over the bits"),
            Map.entry("java/lang/Math.multiplyHigh", "products of halves"),
            Map.entry("java/lang/Math.floor", ROUND),
            Map.entry("java/lang/Math.ceil", ROUND),
            Map.entry("java/lang/Math.rint", ROUND),
            Map.entry("java/lang/Math.round", ROUND),
            Map.entry("java/lang/Math.fma", "a * b + c, of which the back-end makes fma itself"),
            Map.entry("java/lang/Math.abs(I)", "TornadoMath.abs"),
            Map.entry("uk/ac/manchester/tornado/api/types/arrays/ByteArray.getHalfFloat", HALF),
            Map.entry("uk/ac/manchester/tornado/api/KernelContext.allocateByteLocalArray", "allocateIntLocalArray"),
            Map.entry("uk/ac/manchester/tornado/api/KernelContext.allocateHalfFloatLocalArray", HALF));

    private ForbiddenCalls() {}

    /** What to write instead of a call, null if it is allowed. */
    static String workaround(String owner, String name, String type) {
        String parameters = type.substring(0, type.indexOf(')') + 1);
        String workaround = CALLS.getOrDefault(owner + "." + name, CALLS.get(owner + "." + name + parameters));
        if (workaround != null) {
            return workaround;
        }
        if (name.equals("atomicAdd") && parameters.contains("FloatArray;")) {
            return "a reduction in two stages: floats cannot be added atomically";
        }
        if (name.equals("atomicAdd") && parameters.contains("[I")) {
            return "no atomics in local memory: the index is ignored";
        }
        if (owner.endsWith("/HalfFloat") || owner.endsWith("/HalfFloatArray") || owner.contains("/vectors/Half")) {
            return HALF;
        }
        return owner.endsWith("/QuantizationUtils") ? "plain arithmetic: these are for PTX only" : null;
    }
}
