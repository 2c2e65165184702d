package dev.squall.app;

import java.io.PrintStream;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Where a command writes: results to {@code out}, everything else to {@code err}. */
record Console(PrintStream out, PrintStream err) {

    /** Prints one JSON value on standard output. */
    void json(Object value) {
        out.println(Json.MAPPER.writeValueAsString(value));
    }

    /** What went wrong in one line: the message, or the kind of error where there is none. */
    static String oneLine(Throwable error) {
        String message = error.getMessage();
        if (message == null || message.isBlank()) {
            message = error.getClass().getSimpleName();
        } else if (error instanceof java.nio.file.NoSuchFileException) {
            message += ": no such file or directory";
        } else if (error instanceof java.nio.file.AccessDeniedException) {
            message += ": permission denied";
        }
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    /** Jackson is loaded only by the commands that print JSON. */
    private static final class Json {
        static final ObjectMapper MAPPER =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    }
}
