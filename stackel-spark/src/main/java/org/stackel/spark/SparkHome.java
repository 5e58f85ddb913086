package org.stackel.spark;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.runfile.FileErrors;

/**
 * Where a Spark is, which Stackel is not distributed with. This class can be loaded without it.
 *
 * @param path its directory, with jars in {@code jars}
 */
public record SparkHome(Path path) {
  /** The environment variable that names it. */
  public static final String VARIABLE = "SPARK_HOME";

  /** The system property that names it to a process that has its jars. */
  static final String PROPERTY = "stackel.spark.home";

  private static final String OPTION = "--spark-home";
  private static final String VERSION = "spark-core_2.13-4.*.jar";
  private static final String ANY = "spark-core_*.jar";
  private static final String MODULES = "--add-modules=";
  private static final String LOGS = "log4j2.properties";

  /** Whether Spark is on the class path of this process. */
  public static boolean isLoaded() {
    try {
      Class.forName("org.apache.spark.SparkContext", false, SparkHome.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * The Spark that was asked for.
   *
   * @param given what --spark-home says; null if it was not given
   * @param variable value of the environment variable; null if it is not set
   * @return null if nobody names one
   * @throws InvalidInputException if there is none, or one of another version
   */
  public static @Nullable SparkHome find(@Nullable String given, @Nullable String variable) {
    String place = given == null ? VARIABLE : OPTION;
    String text = given == null ? variable : given;
    if (text == null || text.isBlank()) {
      return null;
    }
    try {
      var home = new SparkHome(Path.of(text));
      if (home.jars(ANY).isEmpty()) {
        throw new InvalidInputException(
                "There is no Spark in '%s': it has no jars/%s.".formatted(text, ANY),
                "the directory of an unpacked spark-4.x.y-bin-hadoop3.tgz was meant.")
            .at(place);
      }
      if (home.jars(VERSION).isEmpty()) {
        throw new InvalidInputException(
                "Spark 4 with Scala 2.13 is needed; '%s' has %s."
                    .formatted(text, home.jars(ANY).get(0).getFileName()),
                "another Spark was meant: https://spark.apache.org/downloads.html.")
            .at(place);
      }
      return home;
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
              "'%s' is not a valid path: %s.".formatted(e.getInput(), e.getReason()),
              "it is misspelled.")
          .at(place);
    }
  }

  private List<Path> jars(String pattern) {
    Path jars = path.resolve("jars");
    if (!Files.isDirectory(jars)) {
      return List.of();
    }
    try (var found = Files.newDirectoryStream(jars, pattern)) {
      var all = new ArrayList<Path>();
      found.forEach(all::add);
      return all;
    } catch (IOException e) {
      throw FileErrors.reading(jars, e);
    }
  }

  /** What a process needs behind its own class path. */
  public List<String> classPath() {
    return List.of(path.resolve("conf").toString(), path.resolve("jars").resolve("*").toString());
  }

  /** What Java needs to run Spark, as Spark itself says. */
  public List<String> flags() {
    var flags = new ArrayList<String>();
    flags.add("-D" + PROPERTY + "=" + path.toAbsolutePath());
    if (!Files.exists(path.resolve("conf").resolve(LOGS))) {
      flags.add("-Dlog4j2.configurationFile=classpath:org/stackel/spark/" + LOGS);
    }
    URL[] urls = jars("spark-launcher_*.jar").stream().map(SparkHome::url).toArray(URL[]::new);
    try (var loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      Object options =
          loader
              .loadClass("org.apache.spark.launcher.JavaModuleOptions")
              .getMethod("defaultModuleOptionArray")
              .invoke(null);
      Stream.of((String[]) options)
          .filter(each -> !each.startsWith(MODULES)) // for Spark's MLlib, with a warning
          .forEach(flags::add);
      return flags;
    } catch (ReflectiveOperationException | IOException e) {
      throw new InvalidInputException(
              "The Spark in '%s' does not say which options Java needs.".formatted(path),
              "jars are missing, or it is a version that Stackel does not know.")
          .causedBy(e);
    }
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The settings in conf/spark-defaults.conf of the Spark of this process. */
  static Map<String, String> defaults() {
    var settings = new TreeMap<String, String>();
    String home = System.getProperty(PROPERTY);
    Path file = home == null ? null : Path.of(home, "conf", "spark-defaults.conf");
    if (file != null && Files.isRegularFile(file)) {
      var read = new Properties();
      try (Reader in = Files.newBufferedReader(file)) {
        read.load(in);
      } catch (IOException e) {
        throw FileErrors.reading(file, e);
      }
      Stream.of(read.stringPropertyNames().toArray(String[]::new))
          .filter(name -> name.startsWith("spark."))
          .forEach(name -> settings.put(name, read.getProperty(name).strip()));
    }
    return settings;
  }
}
