package dev.squall.app;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line's entry point: {@code squall COMMAND [OPTION]...}.
 *
 * <p>Standard output carries results only, everything else goes to standard error. Exit codes: 0 fine, 1 failed, 2 wrong
 * usage. An error is one line; {@code --verbose} adds the stack trace.
 */
@Command(
        name = "squall",
        description = "Language models in pure Java: on any GPU through TornadoVM, on any JVM without one.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        subcommands = {
            GenerateCommand.class,
            ChatCommand.class,
            TokenizeCommand.class,
            InfoCommand.class,
            PerplexityCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            DevicesCommand.class,
            VerifyCommand.class,
            RankCommand.class,
            TrainCommand.class,
            TrainTokenizerCommand.class,
            ConvertCommand.class,
            NgramCommand.class,
            ClassifyCommand.class
        },
        footer = {"", "Exit codes: 0 fine, 1 failed, 2 wrong usage.", "'squall COMMAND --help' describes a command."})
public final class Main implements Runnable {
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Print log messages, and the stack trace of an error.")
    private boolean verbose;

    public static void main(String[] args) {
        System.exit(run(args, utf8(System.out), utf8(System.err)));
    }

    /**
     * Runs one command.
     *
     * @param args the command line
     * @param out receives results
     * @param err receives messages, statistics and errors
     * @return the exit code
     */
    static int run(String[] args, PrintStream out, PrintStream err) {
        Main main = new Main();
        Console console = new Console(out, err);
        CommandLine commandLine = new CommandLine(main, new CommandFactory(console))
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((exception, arguments) -> wrongUsage(exception, err))
                .setExecutionExceptionHandler((exception, command, parsed) -> main.failed(exception, err))
                .setExecutionStrategy(parsed -> {
                    Logging.configure(main.verbose);
                    return new CommandLine.RunLast().execute(parsed);
                });
        try {
            return commandLine.execute(args);
        } catch (Error error) { // such as no memory left: picocli handles exceptions only
            return main.failed(error, err);
        } finally {
            out.flush();
            err.flush();
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private int failed(Throwable failure, PrintStream err) {
        err.println("squall: " + Console.oneLine(failure));
        if (verbose) {
            failure.printStackTrace(err);
        }
        return FAILED;
    }

    private static int wrongUsage(ParameterException exception, PrintStream err) {
        CommandLine command = exception.getCommandLine();
        err.println("squall: " + Console.oneLine(exception) + " ('"
                + command.getCommandSpec().qualifiedName() + " --help' describes the options)");
        return WRONG_USAGE;
    }

    private static PrintStream utf8(PrintStream stream) {
        return new PrintStream(stream, false, StandardCharsets.UTF_8);
    }
}
