package org.stackel.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.InputFile;

/** Vectors out of a GloVe text file. */
record VectorFile(int dimension, Map<String, float[]> vectors) implements WordVectors {

  @Override
  public float @Nullable [] vector(String word) {
    float[] vector = vectors.get(word);
    return vector == null ? null : vector.clone();
  }

  /** Bytes that are no UTF-8 are let pass: a word with such bytes is never looked up. */
  static WordVectors read(Path file, Predicate<String> wanted) {
    var vectors = new HashMap<String, float[]>();
    int dimension = 0;
    int number = 0;
    try (var reader =
        new BufferedReader(
            new InputStreamReader(InputFile.openUnpacked(file), StandardCharsets.UTF_8), 1 << 16)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String place = file + ":" + number;
        if (dimension == 0) {
          dimension = line.stripTrailing().split(" ", -1).length - 1;
          if (number == 1 && line.matches("[0-9]+ [0-9]+ *")) {
            dimension = 0;
            continue;
          }
        }
        int start = numbersStart(line, dimension);
        if (dimension < 1 || start < 2) {
          throw new InvalidInputException(
                  "The line has %d numbers after its word; there must be %d, as in the first line."
                      .formatted(
                          line.stripTrailing().split(" ", -1).length - 1, Math.max(1, dimension)),
                  "the file is cut off here, or it is no GloVe text file.")
              .at(place);
        }
        String word = line.substring(0, start - 1);
        if (wanted.test(word) && !vectors.containsKey(word)) {
          vectors.put(word, numbers(line, start, dimension, place));
        }
      }
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
    if (dimension == 0) {
      throw new InvalidInputException(
              "The file is empty; a line of word vectors must hold a word and its numbers.",
              "writing it did not succeed.")
          .at(file.toString());
    }
    return new VectorFile(dimension, vectors);
  }

  /** Where the last {@code count} fields begin: GloVe has words with a space in them. */
  private static int numbersStart(String line, int count) {
    int at = line.length();
    while (at > 0 && line.charAt(at - 1) == ' ') {
      at--;
    }
    for (int i = 0; i < count && at >= 0; i++) {
      at = line.lastIndexOf(' ', at - 1);
    }
    return at + 1;
  }

  private static float[] numbers(String line, int start, int dimension, String place) {
    float[] vector = new float[dimension];
    int from = start;
    for (int d = 0; d < dimension; d++) {
      int space = line.indexOf(' ', from);
      String field = line.substring(from, space < 0 ? line.length() : space);
      try {
        vector[d] = Float.parseFloat(field);
      } catch (NumberFormatException e) {
        throw notANumber(field, d, place).causedBy(e);
      }
      if (!Float.isFinite(vector[d])) {
        throw notANumber(field, d, place);
      }
      from += field.length() + 1;
    }
    return vector;
  }

  private static InvalidInputException notANumber(String field, int position, String place) {
    return new InvalidInputException(
            "Number %d of the vector is '%s'; it must be a finite number."
                .formatted(position + 1, field),
            "the file is no GloVe text file: a line is a word and its numbers, single spaces between.")
        .at(place);
  }
}
