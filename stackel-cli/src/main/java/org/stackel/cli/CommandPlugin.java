package org.stackel.cli;

import java.util.concurrent.Callable;

/**
 * A command: a public class with picocli's {@code @Command}, a name in it, and a public constructor
 * without parameters. {@code stackel NAME} runs it, and its exit code is what {@link #call}
 * returns: 0 for success.
 *
 * <p>A jar offers its commands in {@code META-INF/services/org.stackel.cli.CommandPlugin}, one
 * class name a line. Stackel's own commands are found in the same way. Every command also takes
 * {@code --help}, {@code --plugins} and {@code --stacktrace}.
 *
 * <p>Mistakes of the user are {@link org.stackel.config.InvalidInputException}s: their message is
 * printed, and the exit code is 2.
 */
public interface CommandPlugin extends Callable<Integer> {}
