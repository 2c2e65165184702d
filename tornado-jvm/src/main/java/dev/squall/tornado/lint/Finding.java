package dev.squall.tornado.lint;

/**
 * A construct of a kernel that does not mean on a device what it means on the JVM, or that the device's compiler refuses.
 *
 * @param method the kernel, or the helper that it calls: class and name
 * @param line of the source file
 * @param construct what is there
 * @param workaround what to write instead
 */
public record Finding(String method, int line, String construct, String workaround) {
    @Override
    public String toString() {
        return method + ", line " + line + ": " + construct + "; instead: " + workaround;
    }
}
