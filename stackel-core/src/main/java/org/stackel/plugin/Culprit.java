package org.stackel.plugin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the plug-in's class in an error. */
final class Culprit {
  private static final Pattern CLASS = Pattern.compile("[A-Za-z_$][\\w$]*([./][A-Za-z_$][\\w$]*)+");

  private Culprit() {}

  /**
   * The class of a loader that an error is from.
   *
   * @param loader its name
   * @return null if none is
   */
  static @Nullable Origin in(Throwable error, String loader) {
    for (StackTraceElement frame : error.getStackTrace()) {
      if (loader.equals(frame.getClassLoaderName())) {
        Class<?> type = find(frame.getClassName());
        return type == null ? new Origin(frame.getClassName(), null) : Origin.of(type);
      }
    }
    return error instanceof LinkageError ? named(String.valueOf(error.getMessage())) : null;
  }

  /** An AbstractMethodError names the class, but is thrown where the method is called. */
  private static @Nullable Origin named(String message) {
    Matcher names = CLASS.matcher(message);
    while (names.find()) {
      Class<?> type = find(names.group().replace('/', '.'));
      if (type != null && Plugins.isPlugin(type)) {
        return Origin.of(type);
      }
    }
    return null;
  }

  private static @Nullable Class<?> find(String name) {
    try {
      return Class.forName(name, false, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }
}
