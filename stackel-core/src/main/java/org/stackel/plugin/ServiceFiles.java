package org.stackel.plugin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
      return service.isAssignableFrom(type) && type.getConstructors().length > 0;
    } catch (ClassNotFoundException | LinkageError e) {
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
