package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.device.CacheTasks;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Moves of keys and values against an array of heads that is moved by hand. */
class DeviceKeyValuesTest {
    private static final int PAGES = 5;
    private static final int ROOM = 8; // moves

    @ParameterizedTest
    @CsvSource({"1,1,1", "2,8,4", "3,20,16", "8,64,2"})
    void moveOneTokenAfterTheOther(int kvHeads, int headDim, int pageSize) {
        for (KvType type : KvType.values()) {
            move(type, kvHeads, headDim, pageSize);
        }
    }

    private static void move(KvType type, int kvHeads, int headDim, int pageSize) {
        Random random = new Random(3);
        int places = PAGES * pageSize;
        TornadoNativeArray keys = cache(type, random, places * kvHeads * headDim);
        TornadoNativeArray values = cache(type, random, places * kvHeads * headDim);
        float[] expectedKeys = HalfCacheTest.numbers(keys);
        float[] expectedValues = HalfCacheTest.numbers(values);
        IntArray moves = new IntArray(1 + 2 * ROOM);
        moves.init(-1); // what is behind the last move means nothing
        int count = ROOM - 2;
        moves.set(0, count);
        int from = 0;
        for (int i = 0; i < count; i++) {
            int to =
                    i % 2 == 0 ? random.nextInt(places) : from; // every second one overwrites what was read just before
            from = random.nextInt(places);
            moves.set(1 + 2 * i, from);
            moves.set(2 + 2 * i, to);
            move(expectedKeys, from, to, kvHeads, headDim, pageSize);
            move(expectedValues, from, to, kvHeads, headDim, pageSize);
        }
        KernelContext c = new KernelContext();
        DeviceTask.run(
                kvHeads * headDim,
                16,
                g -> g.task(
                        DeviceTask.NAME,
                        CacheTasks.of(type).move(),
                        c,
                        moves,
                        keys,
                        values,
                        kvHeads,
                        headDim,
                        pageSize),
                new Object[] {moves, keys, values},
                keys,
                values);
        assertThat(HalfCacheTest.numbers(keys)).isEqualTo(expectedKeys);
        assertThat(HalfCacheTest.numbers(values)).isEqualTo(expectedValues);
    }

    private static TornadoNativeArray cache(KvType type, Random random, int n) {
        return HalfCacheTest.stored(type, FloatArray.fromArray(AttentionCase.numbers(random, n)));
    }

    private static void move(float[] cache, int from, int to, int kvHeads, int headDim, int pageSize) {
        for (int head = 0; head < kvHeads; head++) {
            int source = (from / pageSize * kvHeads + head) * pageSize + from % pageSize;
            int target = (to / pageSize * kvHeads + head) * pageSize + to % pageSize;
            System.arraycopy(cache, source * headDim, cache, target * headDim, headDim);
        }
    }
}
