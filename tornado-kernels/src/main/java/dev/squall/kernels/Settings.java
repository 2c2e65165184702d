package dev.squall.kernels;

/** What the library reads from system properties: switches for whoever looks for a fault, none that changes a number. */
public final class Settings {
    /** Property of {@link #checkFinite()}. */
    public static final String CHECK_FINITE = "squall.checkFinite";

    private Settings() {}

    /**
     * Whether the results of every task of a model are looked at, and one that is not a finite number is an exception that
     * names layer, task and row: {@code -Dsquall.checkFinite=true}. Slow.
     */
    public static boolean checkFinite() {
        return isTrue(CHECK_FINITE, System.getProperty(CHECK_FINITE));
    }

    static boolean isTrue(String property, String value) {
        return switch (value) {
            case null -> false;
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException(
                        "system property " + property + ": found '" + value + "', expected true or false");
        };
    }
}
