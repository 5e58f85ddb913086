package org.stackel.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.distributed.RankLostException;
import org.stackel.problem.Problems;
import org.stackel.problem.TrainingDivergedException;
import org.stackel.run.Provenance;
import org.stackel.runfile.RunFiles;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry of the command line. */
public final class Main {
  /** What picocli says of an option that takes NAME=VALUE. */
  private static final Pattern PAIR =
      Pattern.compile("Value for option option '(\\S+)' \\((.*)\\) should be .* but was (.*)");

  static final String STACKTRACE = "--stacktrace";

  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // numbers of all messages and tables
    var results = new ResultStream(new FileOutputStream(FileDescriptor.out));
    var out = new PrintWriter(results, true, StandardCharsets.UTF_8);
    var err =
        LocalRanks.isOne() // the first rank says what there is to say
            ? new PrintWriter(Writer.nullWriter())
            : new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = run(args, out, err);
    out.flush();
    String lost = results.lost();
    if (lost != null) {
      err.println("The results could not be written to the standard output: %s.".formatted(lost));
      err.println("Maybe the disk is full; what the command wrote to files is there.");
    }
    err.flush();
    System.exit(lost != null && code == ExitCode.COMPLETED ? ExitCode.INVALID : code);
  }

  /**
   * Runs a command.
   *
   * @param out where results go
   * @param err where talk and errors go
   * @return the exit code
   */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    return run(args, out, err, System.getenv(PluginOptions.VARIABLE));
  }

  /**
   * Runs a command.
   *
   * @param talk where talk and errors go
   * @param plugins value of the environment variable STACKEL_PLUGINS; null if it is not set
   */
  static int run(String[] args, PrintWriter out, PrintWriter talk, @Nullable String plugins) {
    var err = new PlainWriter(talk);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      CommandLine commands = commands(args, err, plugins);
      return commands
          .setOut(out) // whose help may have colours
          .setErr(err)
          .setExecutionStrategy(
              parsed -> {
                Integer help = CommandLine.executeHelpRequest(parsed);
                commands.setOut(new PlainWriter(out));
                return help == null ? new CommandLine.RunLast().execute(parsed) : help;
              })
          .setParameterExceptionHandler((e, given) -> usage(e, err))
          .setExecutionExceptionHandler((e, failed, parsed) -> failure(e, args, err))
          .execute(args);
    } catch (RuntimeException | Error e) { // native libraries that are missing, too
      return failure(e, args, err);
    } finally {
      close(thread.getContextClassLoader(), before);
      thread.setContextClassLoader(before);
    }
  }

  /**
   * The command line, with the commands of plug-ins. A command that needs none of the environment's
   * goes without them if they cannot be used.
   */
  private static CommandLine commands(String[] args, PrintWriter err, @Nullable String plugins) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      PluginOptions.load(args, plugins);
      if (plugins != null && PluginOptions.command(args).equals("doctor")) {
        Algorithms.all(); // its small run looks names up
        Problems.all();
      }
      return Commands.all();
    } catch (InvalidInputException e) {
      if (plugins == null || !PluginOptions.canDoWithout(args)) {
        throw e;
      }
      close(thread.getContextClassLoader(), before);
      thread.setContextClassLoader(before);
      PluginOptions.load(args, null);
      CommandLine commands = Commands.all();
      err.println(e.getMessage());
      return commands;
    }
  }

  /** Closes the loaders of plug-ins, which hold their jars open. */
  private static void close(ClassLoader last, ClassLoader before) {
    for (ClassLoader at = last; at != before && at instanceof URLClassLoader opened; ) {
      at = opened.getParent();
      try {
        opened.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static int failure(Throwable e, String[] args, PrintWriter err) {
    if (e instanceof RankLostException) { // before the run began: nothing is lost but time
      err.println(e.getMessage());
      return ExitCode.RANK_LOST;
    }
    boolean wantsAll = Arrays.asList(args).contains(STACKTRACE);
    String message =
        e instanceof TrainingDivergedException ? e.getMessage() : OutOfMemory.message(e);
    if (message == null) {
      message = PluginFailure.message(e);
    }
    if (message != null) {
      err.println(message);
      if (wantsAll) {
        e.printStackTrace(err);
      }
      return e instanceof TrainingDivergedException ? ExitCode.DIVERGED : ExitCode.INVALID;
    }
    String line = firstLine(e);
    if (wantsAll) {
      err.println(line);
      e.printStackTrace(err);
    } else {
      err.println(line + "; the details are in " + details(e, args) + ".");
    }
    return ExitCode.DEFECT;
  }

  /** The kind of an error and the first line of its message, without a stop. */
  static String firstLine(Throwable e) {
    String what = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return e.getClass().getSimpleName()
        + ": "
        + (what.endsWith(".") ? what.substring(0, what.length() - 1) : what);
  }

  private static String details(Throwable e, String[] args) {
    var text = new StringWriter();
    var writer = new PrintWriter(text);
    writer.println("stackel " + String.join(" ", args));
    RunFiles.toMap(Provenance.environment())
        .forEach((key, value) -> writer.println(key + ": " + value));
    e.printStackTrace(writer);
    String time =
        LocalDateTime.now(ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS", Locale.ROOT));
    Path file =
        Path.of(System.getProperty("java.io.tmpdir", "."), "stackel-error-" + time + ".txt");
    try {
      Files.writeString(file, text.toString());
      return file.toString();
    } catch (IOException unwritable) {
      return "what --stacktrace prints";
    }
  }

  // ---- mistakes in the command itself -------------------------------------------------------

  private static int usage(ParameterException e, PrintWriter err) {
    CommandLine command = e.getCommandLine();
    err.println(sentence(e));
    err.println("Maybe " + maybe(e, command));
    return ExitCode.INVALID;
  }

  private static String sentence(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      return unmatched(unmatched.getUnmatched().get(0), e.getCommandLine());
    }
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    Matcher pair = PAIR.matcher(message);
    if (pair.matches()) {
      message = "%s takes %s, found '%s'".formatted(pair.group(1), pair.group(2), pair.group(3));
    }
    return message.endsWith(".") ? message : message + ".";
  }

  private static String unmatched(String word, CommandLine command) {
    if (word.startsWith("-")) {
      return "There is no option '%s'.".formatted(word);
    }
    return command.getParent() == null
        ? "There is no command '%s'.".formatted(word)
        : "`%s` takes no '%s'.".formatted(command.getCommandSpec().qualifiedName(), word);
  }

  private static String maybe(ParameterException e, CommandLine command) {
    String name = command.getCommandSpec().qualifiedName();
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String word = unmatched.getUnmatched().get(0);
      String plain = word.split("=", 2)[0];
      String nearest = Options.nearest(plain, known(command, word));
      if (Options.isNear(plain, nearest)) {
        return "%s was meant; `%s --help` shows all.".formatted(nearest, name);
      }
    }
    return "`%s --help` shows the usage.".formatted(name);
  }

  private static List<String> known(CommandLine command, String word) {
    if (!word.startsWith("-")) {
      return new ArrayList<>(command.getSubcommands().keySet());
    }
    var names = new ArrayList<String>();
    command.getCommandSpec().options().forEach(option -> names.add(option.longestName()));
    return names;
  }
}
