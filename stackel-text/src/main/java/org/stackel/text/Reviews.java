package org.stackel.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.InputFile;
import org.stackel.data.Sha256;

/** Reads reviews of Amazon in the two ways in which they are published. */
final class Reviews {
  private static final Pattern ENDING = Pattern.compile("\\.(json|jsonl)(\\.gz)?$");
  private static final List<String> FILES = List.of("negative", "positive");

  private Reviews() {}

  // ---- Blitzer -------------------------------------------------------------------------------

  /** All domains of a directory, or one domain's. */
  static TextSet blitzer(Path directory) {
    var entries = new ArrayList<TextSet.Entry>();
    var sources = new LinkedHashMap<String, String>();
    List<Path> domains =
        hasReviews(directory)
            ? List.of(directory)
            : children(directory).stream().filter(Reviews::hasReviews).toList();
    for (Path domain : domains) {
      for (String label : FILES) {
        Path file = domain.resolve(label + ".review");
        if (Files.isRegularFile(file)) {
          byte[] bytes = InputFile.bytes(file);
          sources.put(file.toString(), Sha256.of(bytes));
          blitzer(file, new String(bytes, StandardCharsets.ISO_8859_1), label, entries);
        }
      }
    }
    if (domains.isEmpty()) {
      throw new InvalidInputException(
          "The directory '%s' has no folder with a positive.review or negative.review."
              .formatted(directory),
          "a folder in it was meant, or a file.");
    }
    return new TextSet(entries, sources, List.of(), null);
  }

  private static boolean hasReviews(Path folder) {
    return FILES.stream().anyMatch(label -> Files.isRegularFile(folder.resolve(label + ".review")));
  }

  private static List<Path> children(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw InputFile.unreadable(directory, e);
    }
  }

  /** Tags stand alone on their lines; texts hold bare ampersands, so this is no XML. */
  private static void blitzer(Path file, String text, String label, List<TextSet.Entry> entries) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    String domain = folder == null ? "" : InputFile.name(folder);
    int number = 0;
    int begun = 0;
    var review = new ArrayList<String>();
    for (String line : text.lines().toList()) {
      number++;
      String tag = line.strip();
      if (tag.equals("<review_text>")) {
        requireClosed(file, begun);
        begun = number;
        review.clear();
      } else if (tag.equals("</review_text>")) {
        if (begun == 0) {
          throw new InvalidInputException(
                  "The tag </review_text> closes nothing.", "the file is cut off at its beginning.")
              .at(file + ":" + number);
        }
        var example = new Example(String.join(" ", review).strip(), null, label, domain);
        entries.add(new TextSet.Entry(example, file.toString(), begun));
        begun = 0;
      } else if (begun > 0) {
        review.add(tag);
      }
    }
    requireClosed(file, begun);
  }

  private static void requireClosed(Path file, int begun) {
    if (begun > 0) {
      throw new InvalidInputException(
              "The tag <review_text> must be followed by </review_text>.", "the file is cut off.")
          .at(file + ":" + begun);
    }
  }

  // ---- McAuley -------------------------------------------------------------------------------

  static boolean isMcAuley(Map<String, String> object) {
    boolean is2014 = object.containsKey("overall") && object.containsKey("reviewerID");
    boolean is2023 = object.containsKey("rating") && object.containsKey("parent_asin");
    return is2014 || object.keySet().containsAll(List.of("overall", "reviewText")) || is2023;
  }

  /** The domain is the file's name without its endings. */
  static TextSet mcAuley(Path file, byte[] plain) {
    String all = InputFile.utf8(file, plain);
    Examples.requireText(file, all);
    String domain = ENDING.matcher(InputFile.name(file)).replaceFirst("");
    var entries = new ArrayList<TextSet.Entry>();
    int number = 0;
    int middling = 0;
    int empty = 0;
    for (Iterator<String> lines = all.lines().iterator(); lines.hasNext(); ) {
      String line = lines.next();
      number++;
      if (line.isBlank()) {
        continue;
      }
      String place = file + ":" + number;
      Map<String, String> review = Examples.object(file, number, line);
      String label = label(review, place);
      String text = review.getOrDefault("reviewText", review.getOrDefault("text", "")).strip();
      if (label == null) {
        middling++;
      } else if (text.isEmpty()) {
        empty++;
      } else {
        var example = new Example(text, null, label, domain);
        entries.add(new TextSet.Entry(example, file.toString(), number));
      }
    }
    var remarks = new ArrayList<String>();
    if (middling > 0) {
      remarks.add("%s: %d reviews with three stars are left out.".formatted(file, middling));
    }
    if (empty > 0) {
      remarks.add("%s: %d reviews without a text are left out.".formatted(file, empty));
    }
    return new TextSet(entries, Map.of(), remarks, null);
  }

  private static @Nullable String label(Map<String, String> review, String place) {
    String stars = review.getOrDefault("overall", review.get("rating"));
    double number;
    try {
      number = stars == null ? Double.NaN : Double.parseDouble(stars);
    } catch (NumberFormatException e) {
      number = Double.NaN;
    }
    if (!(number >= 1 && number <= 5)) {
      throw new InvalidInputException(
              "The review must have a rating from 1 to 5 under 'overall' or 'rating', found %s."
                  .formatted(stars == null ? "none" : "'" + stars + "'"),
              "'table' is the format.")
          .at(place);
    }
    return number >= 4 ? "positive" : number <= 2 ? "negative" : null;
  }
}
