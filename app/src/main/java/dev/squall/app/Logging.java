package dev.squall.app;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Log lines of the library, one line each on standard error: information and warnings always, details with
 * {@code --verbose}.
 *
 * <p>The log manager makes an instance of this class when the first message is logged; a command that logs nothing never
 * loads it.
 */
public final class Logging {
    private static volatile boolean verbose;

    /** Held, because the log manager itself keeps loggers only weakly. */
    private final Logger squall = Logger.getLogger("dev.squall");

    private static Logging instance;

    /** Called by the log manager. */
    public Logging() {
        instance = this;
        Handler handler = new java.util.logging.ConsoleHandler();
        handler.setLevel(Level.ALL);
        squall.setUseParentHandlers(false);
        squall.addHandler(handler);
        squall.setLevel(verbose ? Level.FINE : Level.INFO);
    }

    static void configure(boolean details) {
        verbose = details;
        System.setProperty("java.util.logging.config.class", Logging.class.getName());
        System.setProperty("java.util.logging.SimpleFormatter.format", "squall: %5$s%6$s%n");
        if (instance != null) {
            instance.squall.setLevel(details ? Level.FINE : Level.INFO);
        }
    }
}
