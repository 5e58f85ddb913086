package org.stackel.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.FileRules;
import org.stackel.data.FileText;
import org.stackel.data.InputFile;
import org.stackel.data.Table;
import org.stackel.data.TableFormat;

/** Reads reviews of Amazon in the two ways in which they are published. */
final class Reviews {
  private static final Pattern ENDING = Pattern.compile("\\.(json|jsonl)(\\.gz)?$");
  private static final Pattern STARS = Pattern.compile("[0-9](?:\\.[0-9]+)?");
  private static final List<String> FILES = List.of("negative", "positive");

  private Reviews() {}

  // ---- Blitzer -------------------------------------------------------------------------------

  /** All domains of a directory, or one domain's. */
  static TextSet blitzer(Path directory, FileRules rules) {
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
          FileText text = FileText.read(file, rules.encoding());
          sources.put(file.toString(), text.sha256());
          blitzer(file, text.text(), label, entries);
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

  /** Whether the keys are those of reviews, and all ratings are one to five stars. */
  static boolean isMcAuley(Table table) {
    List<String> keys = table.columns();
    boolean is2014 = keys.contains("overall") && keys.contains("reviewerID");
    boolean is2023 = keys.contains("rating") && keys.contains("parent_asin");
    if (!is2014 && !is2023 && !keys.containsAll(List.of("overall", "reviewText"))) {
      return false;
    }
    for (int row = 0; row < table.size(); row++) {
      Map<String, String> review = Examples.row(table, row);
      String stars = review.getOrDefault("overall", review.get("rating"));
      if (stars != null && !(stars(stars) >= 1 && stars(stars) <= 5)) {
        return false;
      }
    }
    return true;
  }

  /** The domain is the file's name without its endings. */
  static TextSet mcAuley(FileText text) {
    Path file = text.file();
    Table table = Table.of(text, TableFormat.JSONL, Table.Header.FIRST_ROW);
    String domain = ENDING.matcher(InputFile.name(file)).replaceFirst("");
    var entries = new ArrayList<TextSet.Entry>();
    int middling = 0;
    int empty = 0;
    for (int row = 0; row < table.size(); row++) {
      Map<String, String> review = Examples.row(table, row);
      String label = label(review, table.place(row));
      String words = review.getOrDefault("reviewText", review.getOrDefault("text", "")).strip();
      if (label == null) {
        middling++;
      } else if (words.isEmpty()) {
        empty++;
      } else {
        var example = new Example(words, null, label, domain);
        entries.add(new TextSet.Entry(example, file.toString(), table.line(row)));
      }
    }
    var remarks = new ArrayList<>(table.remarks());
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
    double number = stars == null ? Double.NaN : stars(stars);
    if (!(number >= 1 && number <= 5)) {
      throw new InvalidInputException(
              "The review must have a rating from 1 to 5 under 'overall' or 'rating', found %s."
                  .formatted(stars == null ? "none" : "'" + stars + "'"),
              "'table' is the format.")
          .at(place);
    }
    return number >= 4 ? "positive" : number <= 2 ? "negative" : null;
  }

  /** A rating as a number; NaN if it is none. */
  private static double stars(String rating) {
    return STARS.matcher(rating.strip()).matches() ? Double.parseDouble(rating) : Double.NaN;
  }
}
