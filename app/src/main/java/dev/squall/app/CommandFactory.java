package dev.squall.app;

import java.lang.reflect.Constructor;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes the commands; those whose constructor takes a {@link Console} are given the one of this run. */
record CommandFactory(Console console) implements IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type.getPackage() == CommandFactory.class.getPackage()) {
            for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                if (constructor.getParameterCount() == 1 && constructor.getParameterTypes()[0] == Console.class) {
                    return type.cast(constructor.newInstance(console));
                }
            }
        }
        return CommandLine.defaultFactory().create(type);
    }
}
