package org.stackel.plugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
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
  private static final String LOADER = "plug-ins";
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}_-]*");

  private Plugins() {}

  /**
   * Adds jars to those that this thread, and threads that it starts afterwards, find classes in.
   *
   * @param places jars, directories of jars, or directories of classes
   * @throws InvalidInputException if a place cannot be read or offers nothing to Stackel, or if two
   *     jars offer the same class
   */
  public static void add(List<Path> places) {
    var services = new TreeSet<String>();
    URL[] urls =
        places.stream()
            .flatMap(place -> PluginJars.at(place, services).stream())
            .toArray(URL[]::new);
    Thread thread = Thread.currentThread();
    var loader = new URLClassLoader(LOADER, urls, thread.getContextClassLoader());
    try {
      ServiceFiles.checkUnique(added(loader), services);
    } catch (InvalidInputException e) {
      close(loader);
      throw e;
    }
    thread.setContextClassLoader(loader);
  }

  /** The loaders of added jars, this one first. */
  private static List<URLClassLoader> added(ClassLoader last) {
    var added = new ArrayList<URLClassLoader>();
    for (ClassLoader at = last; at != null; at = at.getParent()) {
      if (at instanceof URLClassLoader loader && LOADER.equals(at.getName())) {
        added.add(loader);
      }
    }
    return added;
  }

  private static void close(URLClassLoader loader) {
    try {
      loader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a class is from a jar that was {@linkplain #add added}. */
  public static boolean isPlugin(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader != null && LOADER.equals(loader.getName());
  }

  /**
   * The class of an added jar in which something failed: the one that called last before the
   * innermost cause, or one that the cause names because it lacks something.
   *
   * @return null if no such class took part
   */
  public static @Nullable Origin culprit(Throwable error) {
    Origin found = null;
    for (Throwable at = error; at != null; at = at.getCause()) {
      Origin its = Culprit.in(at, LOADER);
      found = its == null ? found : its;
    }
    return found;
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
    return Collections.unmodifiableMap(new TreeMap<>(inOrder(service, what, describing, name)));
  }

  /**
   * The same in the order of the class path, Stackel's own first.
   *
   * @throws InvalidInputException if a class cannot be loaded or made, or if two have one name
   */
  public static <T, E> Map<String, E> inOrder(
      Class<T> service, String what, Function<T, List<E>> describing, Function<E, String> name) {
    var entries = new LinkedHashMap<String, E>();
    var origins = new HashMap<String, Origin>();
    for (T offered : all(service, what)) {
      Origin origin = Origin.of(offered.getClass());
      for (E entry : described(offered, origin, what, describing)) {
        String its = name.apply(entry);
        checkName(its, origin, what);
        if (entries.putIfAbsent(its, entry) != null) {
          throw new InvalidInputException(
              "Two classes offer the %s '%s': %s and %s."
                  .formatted(what, its, origins.get(its), origin),
              "a plug-in is there twice, or one of them should have another name.");
        }
        origins.put(its, origin);
      }
    }
    return entries;
  }

  /** Names stand in lists, in paths of options and in names of directories. */
  private static void checkName(String name, Origin origin, String what) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidInputException(
          "The %s %s cannot be called '%s'.".formatted(what, origin, name),
          "a name of letters, digits and hyphens was meant, such as heavy-ball.");
    }
  }

  private static <T, E> List<E> described(
      T offered, Origin origin, String what, Function<T, List<E>> describing) {
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
      Origin origin = null;
      try {
        if (!providers.hasNext()) {
          return all;
        }
        ServiceLoader.Provider<T> provider = providers.next();
        origin = Origin.of(provider.type());
        link(service, provider.type());
        all.add(provider.get());
      } catch (ServiceConfigurationError | LinkageError e) {
        throw broken(origin == null ? ServiceFiles.broken(service, loader) : origin, what, e);
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
      @Nullable Origin origin, String what, Throwable error) {
    Throwable cause = error;
    while (isWrapper(cause) && cause.getCause() != null) {
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
            advice(String.valueOf(cause.getMessage())))
        .causedBy(error);
  }

  /** A static initialiser that throws is a LinkageError too, though nothing is missing. */
  private static boolean isWrapper(Throwable error) {
    return error instanceof ServiceConfigurationError
        || error instanceof ExceptionInInitializerError;
  }

  private static String advice(String message) {
    if (message.endsWith(" not found")) {
      return "its name in META-INF/services is misspelled, or the class is not in the jar.";
    }
    if (message.endsWith(" not a subtype")) {
      return "it should be named in META-INF/services of the interface that it implements.";
    }
    return "its class is not public, lacks a public constructor without parameters, or that"
        + " constructor fails.";
  }

  private static String text(Throwable error) {
    String message = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    String sentence = message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    return error instanceof ServiceConfigurationError
        ? sentence
        : error.getClass().getSimpleName() + ": " + sentence;
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
              "There is no %s '%s'.".formatted(what, name), meant(name, known.keySet()))
          .atKey("type");
    }
    return entry;
  }

  private static String meant(String name, Set<String> known) {
    String maybe = Options.meant(name, known, "known are");
    return Options.isNear(name, Options.nearest(name, known))
        ? maybe
        : "--plugins with its jar is missing, or " + maybe;
  }
}
