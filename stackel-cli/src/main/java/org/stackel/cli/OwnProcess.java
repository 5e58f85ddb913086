package org.stackel.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Processes like this one. */
final class OwnProcess {
  private static final long GLANCE_MILLIS = 100;

  private OwnProcess() {}

  /**
   * This command line with other arguments.
   *
   * @param flags more options of Java
   * @param classPath what is behind the own class path
   */
  static ProcessBuilder with(List<String> flags, List<String> classPath, List<String> arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(each -> !each.startsWith("-agent") && !each.startsWith("-javaagent"))
        .forEach(command::add);
    command.addAll(flags);
    var places = new ArrayList<>(List.of(System.getProperty("java.class.path")));
    places.addAll(classPath);
    command.addAll(List.of("-cp", String.join(File.pathSeparator, places), Main.class.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }

  /**
   * Runs this command line in another process, with its output in place of the own.
   *
   * @return its exit code
   */
  static int run(List<String> flags, List<String> classPath, List<String> arguments) {
    try (var stop = StopSignal.watch()) {
      Process process = with(flags, classPath, arguments).inheritIO().start();
      boolean isTold = false;
      while (!process.waitFor(GLANCE_MILLIS, TimeUnit.MILLISECONDS)) {
        if (stop.stopRequested() && !isTold) {
          process.destroy();
          isTold = true;
        }
      }
      return stop.ended(process.exitValue());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
