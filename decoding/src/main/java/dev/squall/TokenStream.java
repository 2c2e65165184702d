package dev.squall;

import dev.squall.decoding.Generator;
import dev.squall.decoding.Request;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The tokens of a request as a lazy stream; closing it cancels the request. */
final class TokenStream extends Spliterators.AbstractSpliterator<Token> {
    private final Generator generator;
    private final Request request;

    private TokenStream(Generator generator, Request request) {
        super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
        this.generator = generator;
        this.request = request;
    }

    static Stream<Token> of(Generator generator, Request request) {
        return StreamSupport.stream(new TokenStream(generator, request), false)
                .onClose(() -> generator.cancel(request));
    }

    @Override
    public boolean tryAdvance(Consumer<? super Token> action) {
        Token token = generator.next(request);
        if (token == null) {
            return false;
        }
        action.accept(token);
        return true;
    }
}
