package org.stackel.plugin;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.stackel.config.InvalidInputException;

/** Finds jars and directories of classes at the places that a user names. */
final class PluginJars {
  private static final String SERVICES = "META-INF/services/";
  private static final String OURS = "org.stackel.";

  private PluginJars() {}

  /**
   * What belongs on the class path for a place.
   *
   * @param place a jar, a directory of jars, or a directory of classes
   * @param services where to put the names of the services that it offers something for
   * @throws InvalidInputException if it cannot be read, or offers nothing to Stackel
   */
  static List<URL> at(Path place, Set<String> services) {
    List<Path> parts = parts(place);
    try {
      var offered = new TreeSet<String>();
      for (Path part : parts) {
        offered.addAll(services(part));
      }
      services.addAll(offered);
      if (!offered.isEmpty()) {
        return parts.stream().map(PluginJars::url).toList();
      }
    } catch (IOException e) {
      throw wrong(
              place,
              "cannot be read: %s".formatted(e.getMessage()),
              "it is not a .jar file, it is incomplete, or it belongs to another user.")
          .causedBy(e);
    }
    throw wrong(
        place,
        "offers nothing to Stackel: it has no META-INF/services/org.stackel.… file",
        "another place was meant, or the build does not copy META-INF/services.");
  }

  private static List<Path> parts(Path place) {
    if (!Files.exists(place)) {
      throw wrong(place, "does not exist", "the path is misspelled.");
    }
    if (!Files.isDirectory(place)) {
      if (!place.toString().endsWith(".jar")) {
        throw wrong(place, "is not a .jar file", "the directory that holds it was meant.");
      }
      return List.of(place);
    }
    try (Stream<Path> files = Files.list(place)) {
      List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
      if (Files.isDirectory(place.resolve("META-INF"))) {
        return List.of(place); // classes as a build leaves them
      }
      if (jars.isEmpty()) {
        throw wrong(
            place,
            "holds neither .jar files nor META-INF/services",
            "another directory was meant, such as target/ of a Maven project.");
      }
      return jars;
    } catch (IOException e) {
      throw wrong(place, "cannot be read", "it belongs to another user.").causedBy(e);
    }
  }

  private static List<String> services(Path part) throws IOException {
    if (Files.isDirectory(part)) {
      Path services = part.resolve(SERVICES);
      if (!Files.isDirectory(services)) {
        return List.of();
      }
      try (Stream<Path> files = Files.list(services)) {
        return ours(files.map(file -> file.getFileName().toString()));
      }
    }
    try (var jar = new ZipFile(part.toFile())) {
      return ours(
          jar.stream()
              .map(ZipEntry::getName)
              .filter(name -> name.startsWith(SERVICES))
              .map(name -> name.substring(SERVICES.length())));
    }
  }

  private static List<String> ours(Stream<String> services) {
    return services.filter(name -> name.startsWith(OURS)).toList();
  }

  private static InvalidInputException wrong(Path place, String problem, String maybe) {
    return new InvalidInputException("The plug-in '%s' %s.".formatted(place, problem), maybe);
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }
}
