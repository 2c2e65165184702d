package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Collections as the arrays that they are views of. Not part of TornadoVM: only graphs on the JVM call it. */
public final class CollectionViews {
    private CollectionViews() {}

    /** The array of an array or of a collection; null for anything else. */
    public static TornadoNativeArray array(Object object) {
        return switch (object) {
            case TornadoNativeArray array -> array;
            case VectorCollection vectors -> vectors.array();
            case null, default -> null;
        };
    }

    /** An array as a task takes it: a collection of the same kind if it stands for one. */
    public static Object view(TornadoNativeArray array, Object like) {
        return like instanceof VectorCollection vectors ? vectors.over(array) : array;
    }
}
