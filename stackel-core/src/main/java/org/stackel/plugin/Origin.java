package org.stackel.plugin;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import org.jspecify.annotations.Nullable;

/**
 * A class, and where it was loaded from.
 *
 * @param type name of the class
 * @param place its jar, or its directory of classes; null if that is not known
 */
public record Origin(String type, @Nullable Path place) {
  /** The origin of a class. */
  public static Origin of(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return new Origin(type.getName(), source == null ? null : path(source));
  }

  private static @Nullable Path path(CodeSource source) {
    try {
      URI uri = source.getLocation().toURI();
      return uri.getScheme().equals("file") ? Path.of(uri) : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** The name of the jar or directory; empty if it is not known. */
  public String file() {
    return place == null ? "" : place.getFileName().toString();
  }

  /** For messages, such as {@code com.example.Mine (mine.jar)}. */
  @Override
  public String toString() {
    return place == null ? type : "%s (%s)".formatted(type, file());
  }
}
