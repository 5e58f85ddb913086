package org.stackel.cli;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Processes like this one. */
final class OwnProcess {
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
}
