package org.stackel.plugin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Modifier;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/** Reads META-INF/services once more to say which line of which jar is wrong. */
final class ServiceFiles {
  private static final String SERVICES = "META-INF/services/";

  private ServiceFiles() {}

  /** The first class that is offered for a service and cannot be loaded; null if all can. */
  static @Nullable Origin broken(Class<?> service, ClassLoader loader) {
    try {
      for (URL file : Collections.list(loader.getResources(SERVICES + service.getName()))) {
        for (String type : types(file)) {
          if (!isSound(type, service, loader)) {
            return new Origin(type, place(file));
          }
        }
      }
    } catch (IOException | URISyntaxException e) {
      return null;
    }
    return null;
  }

  /**
   * Refuses two jars that offer the same class, of which Java would take the first in silence.
   *
   * @param loaders of the jars
   * @param services names of the files that the jars have
   */
  static void checkUnique(List<URLClassLoader> loaders, Set<String> services) {
    var places = new HashMap<String, Path>();
    try {
      for (String service : services) {
        for (URLClassLoader loader : loaders) {
          for (URL file : Collections.list(loader.findResources(SERVICES + service))) {
            Path place = place(file);
            for (String type : types(file)) {
              Path other = places.putIfAbsent(type, place);
              if (other != null && !Files.isSameFile(other, place)) {
                throw twice(type, other, place);
              }
            }
          }
        }
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e); // the jars were read before
    }
  }

  private static InvalidInputException twice(String type, Path one, Path other) {
    return new InvalidInputException(
        "Two plug-ins offer the class %s: %s and %s.".formatted(type, one, other),
        "a plug-in is there twice, and the older version can be removed.");
  }

  private static List<String> types(URL file) throws IOException {
    URLConnection connection = file.openConnection();
    connection.setUseCaches(false);
    try (var reader =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .toList();
    }
  }

  private static boolean isSound(String name, Class<?> service, ClassLoader loader) {
    try {
      Class<?> type = Class.forName(name, false, loader);
      return service.isAssignableFrom(type)
          && Modifier.isPublic(type.getModifiers())
          && Modifier.isPublic(type.getConstructor().getModifiers());
    } catch (ReflectiveOperationException | LinkageError e) {
      return false;
    }
  }

  /** The jar, or the directory of classes, that a file in META-INF/services is in. */
  private static Path place(URL file) throws IOException, URISyntaxException {
    URLConnection connection = file.openConnection();
    return connection instanceof JarURLConnection jar
        ? Path.of(jar.getJarFileURL().toURI())
        : Path.of(file.toURI()).resolve("../../..").normalize();
  }
}
