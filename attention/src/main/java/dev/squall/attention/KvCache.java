package dev.squall.attention;

import dev.squall.kernels.KvType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Keys and values of all layers, in pages that sequences take and give back.
 *
 * <pre>
 *   sequence s, token t  ->  logical slot  base(s) + t         base(s) = s * pagesPerSequence * pageSize
 *   logical slot         ->  page          pageTable[slot / pageSize]   (one table for all layers)
 *   page, head, offset   ->  key           keys[layer][page, kvHead, slot % pageSize, :]
 * </pre>
 *
 * Kernels see logical slots and the table, so a sequence may lie anywhere. The page is also the unit in which
 * attention adds up, and the block of sparse attention: its size is part of a model's arithmetic, not only of memory
 * management. Which pages a sequence gets never changes a number.
 *
 * <p>Not thread-safe.
 */
public final class KvCache {
    private final KvType type;
    private final TornadoNativeArray[] keys; // [layer] of [pages, kvHeads, pageSize, headDim]
    private final TornadoNativeArray[] values; // [layer] of [pages, kvHeads, pageSize, headDim]
    private final IntArray pageTable; // [maxSequences * pagesPerSequence], -1 where no page is mapped
    private final int kvHeads;
    private final int headDim;
    private final int pageSize;
    private final int pagesPerSequence;
    private final PageAllocator pages;
    private final BitSet open = new BitSet(); // ranges of the table in use
    private final int maxSequences;
    private Mover mover = this::moveHere;

    /** Copies keys and values of all layers; those in a device's memory can be reached only by whoever has put them there. */
    @FunctionalInterface
    public interface Mover {
        /**
         * Copies one token's, now or later, but before any other token is computed, and one after the other.
         *
         * @param from where it is: {@code page * pageSize + offset}
         * @param to where it goes, likewise
         */
        void move(int from, int to);
    }

    /**
     * Sizes of a cache, checked before anything is allocated.
     *
     * @param layers number of layers
     * @param kvHeads key/value heads of a layer
     * @param headDim elements of a head
     * @param pageSize slots of a page, a power of two
     * @param maxSequences most sequences open at a time
     * @param maxLength most slots of one sequence
     * @param pages pages that all sequences share
     * @param type of the numbers that are stored
     */
    public record Shape(
            int layers,
            int kvHeads,
            int headDim,
            int pageSize,
            int maxSequences,
            int maxLength,
            int pages,
            KvType type) {
        public Shape {
            atLeastOne("layers", layers);
            atLeastOne("kvHeads", kvHeads);
            atLeastOne("headDim", headDim);
            atLeastOne("maxSequences", maxSequences);
            atLeastOne("maxLength", maxLength);
            atLeastOne("pages", pages);
            if (Integer.bitCount(pageSize) != 1 || pageSize < 1) {
                throw new IllegalArgumentException("pageSize: found " + pageSize + ", expected a power of two");
            }
            refuseOverflow("keys of a layer [pages, kvHeads, pageSize, headDim]", pages, kvHeads, pageSize, headDim);
            refuseOverflow(
                    "slots of all sequences [maxSequences, maxLength]",
                    maxSequences,
                    (maxLength + (long) pageSize - 1) / pageSize * pageSize);
        }

        /** A shape in which every sequence can reach its full length, of numbers in F32. */
        public static Shape full(int layers, int kvHeads, int headDim, int pageSize, int maxSequences, int maxLength) {
            long pages = (long) maxSequences * ((maxLength + (long) pageSize - 1) / Math.max(1, pageSize));
            if (pages > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("pages: found " + pages + ", expected at most 2^31-1");
            }
            return new Shape(layers, kvHeads, headDim, pageSize, maxSequences, maxLength, (int) pages, KvType.F32);
        }

        /** The same with numbers of another type. */
        public Shape withType(KvType type) {
            return new Shape(layers, kvHeads, headDim, pageSize, maxSequences, maxLength, pages, type);
        }

        /** Bytes of all keys and values. */
        public long bytes() {
            return 2L * layers * elements() * type.bytes();
        }

        private long elements() {
            return (long) pages * kvHeads * pageSize * headDim;
        }

        private int pagesPerSequence() {
            return (int) ((maxLength + (long) pageSize - 1) / pageSize);
        }

        private static void atLeastOne(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + ": found " + value + ", expected at least 1");
            }
        }

        private static void refuseOverflow(String what, long... sizes) {
            long product = 1;
            for (long size : sizes) {
                product = Math.multiplyExact(product, size);
                if (product > Integer.MAX_VALUE) {
                    throw new IllegalArgumentException(what + ": found more than 2^31-1 elements, expected fewer; "
                            + "use a shorter context or fewer sequences");
                }
            }
        }
    }

    /** Allocates the pages of all layers. */
    public KvCache(Shape shape) {
        kvHeads = shape.kvHeads();
        headDim = shape.headDim();
        pageSize = shape.pageSize();
        pagesPerSequence = shape.pagesPerSequence();
        maxSequences = shape.maxSequences();
        pages = new PageAllocator(shape.pages());
        type = shape.type();
        keys = new TornadoNativeArray[shape.layers()];
        values = new TornadoNativeArray[shape.layers()];
        for (int layer = 0; layer < keys.length; layer++) {
            keys[layer] = array((int) shape.elements());
            values[layer] = array((int) shape.elements());
        }
        pageTable = new IntArray(maxSequences * pagesPerSequence);
        pageTable.init(-1);
    }

    private TornadoNativeArray array(int elements) {
        return switch (type) {
            case F32 -> new FloatArray(elements);
            case F16 -> new ShortArray(elements);
        };
    }

    /**
     * Opens an empty sequence.
     *
     * @throws KvCacheFullException if as many sequences are open as the cache was made for
     */
    public Sequence open() {
        int index = open.nextClearBit(0);
        if (index >= maxSequences) {
            throw new KvCacheFullException("all " + maxSequences + " sequences of the key/value cache are open");
        }
        open.set(index);
        return new Sequence(index);
    }

    /** One text in the cache: a range of logical slots, some of them backed by pages. */
    public final class Sequence implements AutoCloseable {
        private final int index;
        private final List<Integer> mapped = new ArrayList<>(); // pages in slot order
        private boolean closed;

        private Sequence(int index) {
            this.index = index;
        }

        /** The global slot of position 0. */
        public int base() {
            return index * pagesPerSequence * pageSize;
        }

        /** The global slot of a position, which must be backed by a page. */
        public int slot(int position) {
            if (position < 0 || position >= allocated()) {
                throw new IndexOutOfBoundsException("slot " + position + " of a sequence, expected 0 to "
                        + (allocated() - 1) + ", the part that ensure() has allocated");
            }
            return base() + position;
        }

        /** Number of slots backed by pages. */
        public int allocated() {
            return mapped.size() * pageSize;
        }

        /** Most slots that a sequence of this cache can have. */
        public int maxLength() {
            return pagesPerSequence * pageSize;
        }

        /**
         * Backs the slots {@code [0, length)} with pages. Takes all the pages it needs or none.
         *
         * @throws KvCacheFullException if the sequence would be too long, or the free pages are too few
         */
        public void ensure(int length) {
            if (closed) {
                throw new IllegalStateException("sequence is closed");
            }
            if (length > maxLength()) {
                throw new KvCacheFullException(
                        "sequence of " + length + " tokens, expected at most " + maxLength() + ", the context length");
            }
            int wanted = (length + pageSize - 1) / pageSize - mapped.size();
            if (wanted > pages.free()) {
                throw new KvCacheFullException("sequence of " + length + " tokens needs " + wanted + " more pages of "
                        + pageSize + " tokens, and " + pages.free() + " are free");
            }
            for (; wanted > 0; wanted--) {
                int page = pages.take();
                pageTable.set(index * pagesPerSequence + mapped.size(), page);
                mapped.add(page);
            }
        }

        /** Gives back the pages that hold nothing of {@code [0, length)}. */
        public void truncate(int length) {
            int keep = (length + pageSize - 1) / pageSize;
            while (mapped.size() > keep) {
                pages.giveBack(mapped.removeLast());
                pageTable.set(index * pagesPerSequence + mapped.size(), -1);
            }
        }

        /**
         * Moves keys and values so that the accepted nodes of a draft tree follow the committed tokens: slot
         * {@code from[i]} goes to slot {@code committed + i}, in all layers. Keys keep their rotation, which is
         * right because consecutive depths are consecutive positions.
         *
         * @param committed number of tokens that stay as they are
         * @param from slots counted from the beginning of the sequence, ascending, none before its destination
         */
        public void compact(int committed, int... from) {
            for (int i = 0; i < from.length; i++) {
                int to = committed + i;
                if (from[i] < to || (i > 0 && from[i] <= from[i - 1])) {
                    throw new IllegalArgumentException("slot " + from[i] + " of an accepted path at place " + i
                            + ", expected ascending slots from " + committed + " on");
                }
                // Ascending order and from >= to: a slot is never overwritten before it was read.
                if (from[i] != to) {
                    mover.move(place(slot(from[i])), place(slot(to)));
                }
            }
        }

        /** Gives all pages back. The sequence cannot be used afterwards. */
        @Override
        public void close() {
            if (!closed) {
                truncate(0);
                closed = true;
                open.clear(index);
            }
        }
    }

    /** Has keys and values moved by somebody else than the host's memory copy. */
    public void moveBy(Mover mover) {
        this.mover = mover;
    }

    /** {@code page * pageSize + offset} of a global slot. */
    private int place(int slot) {
        return pageTable.get(slot / pageSize) * pageSize + slot % pageSize;
    }

    private void moveHere(int fromPlace, int toPlace) {
        long bytes = (long) headDim * type.bytes();
        for (int head = 0; head < kvHeads; head++) {
            long from = offset(fromPlace, head) * type.bytes();
            long to = offset(toPlace, head) * type.bytes();
            for (int layer = 0; layer < keys.length; layer++) {
                MemorySegment k = keys[layer].getSegment();
                MemorySegment v = values[layer].getSegment();
                MemorySegment.copy(k, from, k, to, bytes);
                MemorySegment.copy(v, from, v, to, bytes);
            }
        }
    }

    private long offset(int place, int head) {
        long page = place / pageSize;
        return ((page * kvHeads + head) * pageSize + place % pageSize) * headDim;
    }

    /** How keys and values are stored. */
    public KvType type() {
        return type;
    }

    /** Keys of a layer, [pages, kvHeads, pageSize, headDim], of a cache in F32. */
    public FloatArray keys(int layer) {
        return of(KvType.F32, FloatArray.class, keys[layer]);
    }

    /** Values of a layer, [pages, kvHeads, pageSize, headDim], of a cache in F32. */
    public FloatArray values(int layer) {
        return of(KvType.F32, FloatArray.class, values[layer]);
    }

    /** Keys of a layer, [pages, kvHeads, pageSize, headDim], of a cache in F16. */
    public ShortArray keysF16(int layer) {
        return of(KvType.F16, ShortArray.class, keys[layer]);
    }

    /** Values of a layer, [pages, kvHeads, pageSize, headDim], of a cache in F16. */
    public ShortArray valuesF16(int layer) {
        return of(KvType.F16, ShortArray.class, values[layer]);
    }

    private <A> A of(KvType asked, Class<A> kind, TornadoNativeArray array) {
        if (asked != type) {
            throw new IllegalStateException("key/value cache: found " + type + ", expected " + asked);
        }
        return kind.cast(array);
    }

    /** Keys of a layer, [pages, kvHeads, pageSize, headDim], of whatever type. */
    public TornadoNativeArray storedKeys(int layer) {
        return keys[layer];
    }

    /** Values of a layer, [pages, kvHeads, pageSize, headDim], of whatever type. */
    public TornadoNativeArray storedValues(int layer) {
        return values[layer];
    }

    /** Keys and values of a layer, of whatever type. */
    public Object[] arrays(int layer) {
        return new Object[] {keys[layer], values[layer]};
    }

    /** [maxSequences * pagesPerSequence], the page of each stretch of {@code pageSize} slots, -1 for none. */
    public IntArray pageTable() {
        return pageTable;
    }

    /** Slots from the first one of a sequence to that of the next. */
    public int slotsPerSequence() {
        return pagesPerSequence * pageSize;
    }

    public int pageSize() {
        return pageSize;
    }

    /** Number of pages that no sequence has. */
    public int freePages() {
        return pages.free();
    }
}
