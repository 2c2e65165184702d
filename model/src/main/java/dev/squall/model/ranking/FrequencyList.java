package dev.squall.model.ranking;

import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.PyTorchFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The published form of a selection of tokens, {@code freq_V.pt}: a list of integers as PyTorch saves it, which is a zip file of
 * stored members around one pickle of protocol 2.
 */
public final class FrequencyList {
    private static final int BATCH = 1000; // integers between a mark and their append, as Python writes them

    private FrequencyList() {}

    /**
     * Reads a list, in the order of its first occurrences: published lists have tokens twice.
     *
     * @return at least one token, each once
     * @throws ModelFileException if it is no list of integers from 0 on
     */
    public static int[] read(Path file) {
        int[] ids = PyTorchFile.integers(file);
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0) {
                throw new ModelFileException(file, "element " + i, Integer.toString(ids[i]), "a token, from 0 on");
            }
        }
        if (ids.length == 0) {
            throw new ModelFileException(file, "list", "no tokens", "at least one");
        }
        return Arrays.stream(ids).distinct().toArray();
    }

    /** Writes a list; {@code file} is named freq_V.pt by convention. */
    public static void write(Path file, int[] ids) throws IOException {
        String name = file.getFileName().toString();
        String folder = name.endsWith(".pt") ? name.substring(0, name.length() - 3) : name;
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            store(zip, folder + "/data.pkl", pickle(ids));
            store(zip, folder + "/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
            store(zip, folder + "/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        entry.setTime(315_532_800_000L + 43_200_000L); // 1980: the same list gives the same file
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    /** PROTO 2, EMPTY_LIST, BINPUT 0, then batches of MARK, integers, APPENDS, and STOP. */
    static byte[] pickle(int[] ids) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        put(out, 0x80, 2, ']', 'q', 0);
        for (int from = 0; from < ids.length; from += BATCH) {
            int to = Math.min(ids.length, from + BATCH);
            if (to - from == 1) {
                integer(out, ids[from]);
                put(out, 'a'); // APPEND
                continue;
            }
            put(out, '(');
            for (int i = from; i < to; i++) {
                integer(out, ids[i]);
            }
            put(out, 'e');
        }
        put(out, '.');
        return out.toByteArray();
    }

    private static void integer(OutputStream out, int id) {
        if (id < 0x100) {
            put(out, 'K', id);
        } else if (id < 0x10000) {
            put(out, 'M', id, id >> 8);
        } else {
            put(out, 'J', id, id >> 8, id >> 16, id >> 24);
        }
    }

    private static void put(OutputStream out, int... bytes) {
        try {
            for (int each : bytes) {
                out.write(each);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e); // memory does not fail
        }
    }
}
