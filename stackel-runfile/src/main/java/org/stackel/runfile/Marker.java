package org.stackel.runfile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/**
 * The file {@code .stackel}, the first in a directory that Stackel makes: what the directory is,
 * and the names of the files that Stackel writes in it. A directory that holds others is never
 * replaced.
 *
 * <p>Each line after the first is a name, relative and with {@code /} between its parts. In it
 * {@code *} stands for any characters but {@code /}, and a name that ends in {@code /} is a
 * directory with a marker of its own. Lines are only added; one that was cut off does not count.
 * Directories of earlier versions have no marker and are known by what their files hold.
 */
public final class Marker {
  /** Name of the file. */
  public static final String NAME = ".stackel";

  /** Name of the file whose lock a process holds while it works in the directory. */
  public static final String LOCK = ".lock";

  private static final Pattern TITLE = Pattern.compile("# Stackel wrote this (\\w+).*");
  private static final Pattern UNFINISHED = Pattern.compile("(.*/)?\\.?([^/]+?)(\\.\\d+)?\\.tmp");

  private static final String PAGE = "report.html";
  private static final String CLEAN = "clean.json";
  private static final List<String> MODEL =
      List.of(
          "model/weights.safetensors",
          "model/config.json",
          "model/tokenizer.json",
          "model/vocabulary.txt",
          "model/vectors.txt");

  /** What a directory is. */
  public enum Kind {
    /** One run. */
    RUN,
    /** Several runs and their tables. */
    COMPARISON,
    /** What a command on somebody's data found. */
    RESULT,
    /** Labels that were cleaned. */
    CLEANING,
    /** Many runs of one experiment, and their table. */
    SWEEP;

    /** Files that are sure to be written, or likely. */
    private List<String> names() {
      return switch (this) {
        case RUN ->
            List.of(
                ExperimentFile.NAME,
                ProvenanceFile.NAME,
                MetricsLine.NAME,
                TraceLine.NAME,
                RollbackLine.NAME,
                OutcomeFile.NAME,
                CheckFile.NAME,
                PAGE,
                "checkpoints/step-*.safetensors",
                "checkpoints/step-*.safetensors.broken");
        case COMPARISON ->
            List.of(
                ComparisonFile.NAME,
                TuneFile.NAME,
                PAGE,
                BaselinesFile.NAME,
                "*-" + BaselinesFile.NAME);
        case RESULT -> List.of(SheetFile.NAME, PAGE);
        case SWEEP -> List.of("sweep.json", "sweep.csv", "failures.jsonl", SheetFile.NAME, PAGE);
        case CLEANING ->
            Stream.concat(
                    Stream.of(
                        CLEAN,
                        PAGE,
                        "review.html",
                        "review.jsonl",
                        "review-info.json",
                        "weights.csv",
                        "corrected*",
                        "to-check*"),
                    MODEL.stream())
                .toList();
      };
    }

    /** More files of directories without a marker. */
    private List<String> unmarked() {
      return switch (this) {
        case RUN -> Stream.concat(Stream.of("weights.csv"), MODEL.stream()).toList();
        case COMPARISON -> List.of("*-seed*/");
        case RESULT -> Stream.concat(Stream.of("strengths.csv"), MODEL.stream()).toList();
        case CLEANING, SWEEP -> List.of();
      };
    }

    /** Whether a directory without a marker is one of these. */
    private boolean isEarlier(Path directory) {
      try {
        return switch (this) {
          case RUN ->
              Files.isRegularFile(directory.resolve(ProvenanceFile.NAME))
                  && RunFiles.read(directory.resolve(ProvenanceFile.NAME), ProvenanceFile.class)
                          .libtorch()
                      != null;
          case COMPARISON -> holds(directory.resolve(ComparisonFile.NAME), ComparisonFile.class);
          case RESULT -> holds(directory.resolve(SheetFile.NAME), SheetFile.class);
          case CLEANING ->
              Files.isRegularFile(directory.resolve(CLEAN))
                  && Document.parse(RunFiles.readText(directory.resolve(CLEAN)), CLEAN, 1).value()
                      instanceof Map<?, ?>;
          case SWEEP -> false; // there was none
        };
      } catch (IOException | InvalidInputException e) {
        return false;
      }
    }

    private static boolean holds(Path file, Class<? extends WholeFile> type) throws IOException {
      return Files.isRegularFile(file) && RunFiles.read(file, type) != null;
    }

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Path directory;
  private final Kind kind;
  private final Set<String> names;

  private Marker(Path directory, Kind kind, Set<String> names) {
    this.directory = directory;
    this.kind = kind;
    this.names = names;
  }

  /** Marks a directory that holds nothing yet. */
  public static Marker create(Path directory, Kind kind) throws IOException {
    return written(directory, kind, kind.names());
  }

  /**
   * The marker of a directory, which one of an earlier version is given now; null if the directory
   * is of another kind.
   */
  public static @Nullable Marker open(Path directory, Kind kind) throws IOException {
    Marker marker = read(directory);
    if (marker == null || marker.kind != kind) {
      return null;
    }
    return Files.exists(directory.resolve(NAME))
        ? marker
        : written(directory, kind, List.copyOf(marker.names));
  }

  private static Marker written(Path directory, Kind kind, List<String> names) throws IOException {
    var lines = new ArrayList<String>();
    lines.add("# Stackel wrote this %s: these files, and no others.".formatted(kind.word()));
    lines.addAll(names);
    Files.writeString(directory.resolve(NAME), String.join("\n", lines) + "\n");
    return new Marker(directory, kind, new LinkedHashSet<>(names));
  }

  /** The marker of a directory; of one without, what its files say; null if it is not Stackel's. */
  public static @Nullable Marker read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.isRegularFile(file)) {
      for (Kind kind : Kind.values()) {
        if (kind.isEarlier(directory)) {
          var names = new LinkedHashSet<>(kind.names());
          names.addAll(kind.unmarked());
          return new Marker(directory, kind, names);
        }
      }
      return null;
    }
    String text = RunFiles.readText(file);
    int end = text.lastIndexOf('\n'); // what follows was cut off
    List<String> lines = end < 0 ? List.of() : text.substring(0, end).lines().toList();
    var title = TITLE.matcher(lines.isEmpty() ? "" : lines.get(0));
    if (!title.matches()) {
      return null;
    }
    for (Kind kind : Kind.values()) {
      if (kind.word().equals(title.group(1))) {
        return new Marker(directory, kind, new LinkedHashSet<>(lines.subList(1, lines.size())));
      }
    }
    return null;
  }

  /**
   * Adds a file or a directory to the marker of the directory it lies in, if there is one.
   *
   * @param file it is about to be written, or is there
   */
  public static void note(Path file) throws IOException {
    Path directory = file.toAbsolutePath().normalize().getParent();
    if (directory != null && Files.isRegularFile(directory.resolve(NAME))) {
      Marker marker = read(directory);
      if (marker != null) {
        marker.add(file.getFileName() + (Files.isDirectory(file) ? "/" : ""));
      }
    }
  }

  /** What the directory is. */
  public Kind kind() {
    return kind;
  }

  /** Adds a name, if it is new. */
  public synchronized void add(String name) throws IOException {
    if (names.stream().anyMatch(known -> matches(known, name))) {
      return;
    }
    names.add(name);
    Files.writeString(
        directory.resolve(NAME),
        name + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Adds every file that is there: those of a command that alone wrote in the directory. */
  public void addAll() throws IOException {
    for (String file : foreign()) {
      add(file);
    }
  }

  /** Files in the directory that Stackel did not write, by their names, sorted. */
  public List<String> foreign() throws IOException {
    var foreign = new ArrayList<String>();
    var inside = new HashMap<String, @Nullable Marker>();
    for (String file : files(directory)) {
      String place = directoryOf(file);
      if (place != null) {
        if (!inside.containsKey(place)) {
          inside.put(place, read(directory.resolve(place)));
        }
        Marker inner = inside.get(place);
        if (inner == null || !inner.owns(file.substring(place.length()))) {
          foreign.add(file);
        }
      } else if (!owns(file)) {
        foreign.add(file);
      }
    }
    return foreign;
  }

  /** The listed directory that a file lies in, with its {@code /}; null if in none. */
  private @Nullable String directoryOf(String file) {
    int end = file.indexOf('/');
    if (end < 0) {
      return null;
    }
    String place = file.substring(0, end + 1);
    return names.stream().anyMatch(each -> each.endsWith("/") && matches(each, place))
        ? place
        : null;
  }

  private boolean owns(String file) {
    if (file.equals(NAME) || file.equals(LOCK) || isListed(file)) {
      return true;
    }
    var unfinished = UNFINISHED.matcher(file);
    if (!unfinished.matches()) {
      return false;
    }
    String folder = unfinished.group(1) == null ? "" : unfinished.group(1);
    return isListed(folder + unfinished.group(2))
        || isListed(file.substring(0, file.length() - ".tmp".length()));
  }

  private boolean isListed(String file) {
    return names.stream().anyMatch(each -> matches(each, file));
  }

  private static boolean matches(String pattern, String name) {
    if (!pattern.contains("*")) {
      return pattern.equals(name);
    }
    String regex =
        String.join("[^/]*", Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).toList());
    return name.matches(regex);
  }

  /** All files below a directory, links and empty directories too, with / between the parts. */
  private static List<String> files(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) { // follows no links
      return walk.filter(each -> !Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS))
          .map(each -> directory.relativize(each).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }
}
