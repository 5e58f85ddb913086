package org.stackel.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Curves.Metric;
import org.stackel.report.Section.Column;

/** The figures of a Markdown document: PNG files in a directory that has the document's name. */
final class Figures {
  private final Path directory;
  private @Nullable String warning;

  Figures(Path document) {
    String name = document.getFileName().toString().replaceFirst("\\.md$", "");
    directory = document.toAbsolutePath().resolveSibling(name);
  }

  /** Why there are no figures; null where nothing went wrong. */
  @Nullable String warning() {
    return warning;
  }

  /**
   * Draws the curves of a section and refers to them; empty where it has none.
   *
   * @param name of the file
   * @param key the metric; null for the one that methods are judged by
   */
  String of(String name, Section section, @Nullable String key) throws IOException {
    Curves curves = Curves.of(section, Curves.Spread.ERROR);
    Metric metric = metric(section, curves, key);
    if (warning != null || metric == null) {
      return "";
    }
    BufferedImage image;
    try {
      image = Palette.reduce(Picture.of(curves, metric));
    } catch (LinkageError | InternalError | RuntimeException e) { // no fonts, no libraries for them
      warning =
          "Figures were left out: Java cannot draw here (%s). Maybe fonts are missing: `apt install fontconfig fonts-dejavu-core`."
              .formatted(e);
      return "";
    }
    Files.createDirectories(directory);
    Path file = directory.resolve(name + ".png");
    ImageIO.write(image, "png", file.toFile());
    return "![%s over steps and oracle calls, of %s](%s/%s.png)\n\n"
        .formatted(
            metric.label(),
            curves.lines().stream().map(Curves.Line::label).collect(Collectors.joining(", ")),
            directory.getFileName(),
            name);
  }

  private static @Nullable Metric metric(Section section, Curves curves, @Nullable String key) {
    Fairness fairness = section.fairness();
    Stream<@Nullable String> wanted =
        key != null
            ? Stream.of(key)
            : Stream.concat(
                Stream.of(
                    fairness.target() == null ? null : fairness.target().metric(),
                    fairness.tests() == null ? null : fairness.tests().metric()),
                section.columns().stream().filter(c -> c.better() != null).map(Column::key));
    return wanted
        .filter(Objects::nonNull)
        .flatMap(each -> curves.metrics().stream().filter(m -> m.key().equals(each)))
        .findFirst()
        .orElse(null);
  }
}
