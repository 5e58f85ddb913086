package org.stackel.plugin;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/**
 * What the class path and users' jars offer. A jar offers a class by its name in {@code
 * META-INF/services/} of the interface that the class implements, such as {@code
 * META-INF/services/org.stackel.algorithm.BilevelAlgorithm}; the class needs a public constructor
 * without parameters. Stackel's own algorithms, problems and presets are found in the same way.
 *
 * <p>What is found depends on the context class loader of the thread that asks. {@link #add} puts a
 * loader of more jars there; threads started afterwards inherit it.
 */
public final class Plugins {
  private Plugins() {}

  /**
   * Adds jars to those that this thread, and threads that it starts afterwards, find classes in.
   *
   * @param places jars, directories of jars, or directories of classes
   * @throws InvalidInputException if a place does not exist, or holds neither jars nor classes
   */
  public static void add(List<Path> places) {
    var urls = new ArrayList<URL>();
    for (Path place : places) {
      for (Path part : parts(place)) {
        urls.add(url(part));
      }
    }
    Thread thread = Thread.currentThread();
    thread.setContextClassLoader(
        new URLClassLoader("plug-ins", urls.toArray(new URL[0]), thread.getContextClassLoader()));
  }

  private static List<Path> parts(Path place) {
    if (!Files.exists(place)) {
      throw wrong(place, "There is no such file or directory.", "the path is misspelled.");
    }
    if (!Files.isDirectory(place)) {
      if (!place.toString().endsWith(".jar")) {
        throw wrong(place, "A plug-in must be a .jar file.", "the directory of jars was meant.");
      }
      return List.of(place);
    }
    if (Files.isDirectory(place.resolve("META-INF"))) {
      return List.of(place); // classes as a build leaves them
    }
    try (Stream<Path> files = Files.list(place)) {
      List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
      if (jars.isEmpty()) {
        throw wrong(
            place,
            "The directory holds neither .jar files nor META-INF/services.",
            "another directory was meant, such as target/ of a Maven project.");
      }
      return jars;
    } catch (IOException e) {
      throw wrong(place, "The directory cannot be read.", "it belongs to another user.")
          .causedBy(e);
    }
  }

  private static InvalidInputException wrong(Path place, String problem, String maybe) {
    return new InvalidInputException(problem, maybe).at(place.toString());
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The entries of everything that is offered for a service, by name, in alphabetical order.
   *
   * @param service the interface
   * @param what the service in words, such as "algorithm"
   * @param describing makes the entries of an instance
   * @param name of an entry
   * @throws InvalidInputException if a class cannot be loaded or made, or if two have one name
   */
  public static <T, E> Map<String, E> entries(
      Class<T> service, String what, Function<T, List<E>> describing, Function<E, String> name) {
    var entries = new TreeMap<String, E>();
    var origins = new HashMap<String, String>();
    for (T offered : all(service, what)) {
      String origin = origin(offered.getClass());
      for (E entry : described(offered, origin, what, describing)) {
        String its = name.apply(entry);
        if (entries.putIfAbsent(its, entry) != null) {
          throw new InvalidInputException(
              "Two classes offer the %s '%s': %s and %s."
                  .formatted(what, its, origins.get(its), origin),
              "a plug-in is there twice, or one of them should have another name.");
        }
        origins.put(its, origin);
      }
    }
    return Collections.unmodifiableMap(entries);
  }

  private static <T, E> List<E> described(
      T offered, String origin, String what, Function<T, List<E>> describing) {
    try {
      return describing.apply(offered);
    } catch (InvalidInputException e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      throw broken(origin, what, e);
    }
  }

  private static <T> List<T> all(Class<T> service, String what) {
    var all = new ArrayList<T>();
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? service.getClassLoader() : context;
    Iterator<ServiceLoader.Provider<T>> providers =
        ServiceLoader.load(service, loader).stream().iterator();
    while (true) {
      String origin = null;
      try {
        if (!providers.hasNext()) {
          return all;
        }
        ServiceLoader.Provider<T> provider = providers.next();
        origin = origin(provider.type());
        link(service, provider.type());
        all.add(provider.get());
      } catch (ServiceConfigurationError | LinkageError e) {
        throw broken(origin, what, e);
      }
    }
  }

  /** Finds out now, not in the middle of a run, that a method is missing. */
  private static void link(Class<?> service, Class<?> type) {
    for (Method method : type.getMethods()) {
      if (Modifier.isAbstract(method.getModifiers())) {
        throw new AbstractMethodError(
            "%s lacks the method %s of %s"
                .formatted(type.getSimpleName(), method.getName(), service.getSimpleName()));
      }
    }
  }

  private static InvalidInputException broken(
      @Nullable String origin, String what, Throwable error) {
    Throwable cause = error;
    while (cause instanceof ServiceConfigurationError && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String who =
        origin == null ? "A plug-in's %s".formatted(what) : "The %s %s".formatted(what, origin);
    if (cause instanceof LinkageError) {
      return new InvalidInputException(
              "%s was built for another version of Stackel or Java: %s."
                  .formatted(who, text(cause)),
              "it must be built again, with this version of Stackel as its dependency.")
          .causedBy(error);
    }
    return new InvalidInputException(
            "%s cannot be made: %s.".formatted(who, text(cause)),
            "its class is not public, lacks a public constructor without parameters, or that"
                + " constructor fails.")
        .causedBy(error);
  }

  private static String text(Throwable error) {
    String message = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    String sentence = message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    return error instanceof ServiceConfigurationError
        ? sentence
        : error.getClass().getSimpleName() + ": " + sentence;
  }

  /** A class and the jar or directory that it is from, for messages. */
  public static String origin(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null) {
      return type.getName();
    }
    String path = source.getLocation().getPath();
    String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return "%s (%s)".formatted(type.getName(), trimmed.substring(trimmed.lastIndexOf('/') + 1));
  }

  /**
   * The one of this name.
   *
   * @param known what there is, by name
   * @param what it is in words, such as "algorithm"
   * @throws InvalidInputException at the key {@code type} if there is none
   */
  public static <E> E find(Map<String, E> known, String name, String what) {
    E entry = known.get(name);
    if (entry == null) {
      throw new InvalidInputException(
              "There is no %s '%s'.".formatted(what, name),
              Options.meant(name, known.keySet(), "known are"))
          .atKey("type");
    }
    return entry;
  }
}
