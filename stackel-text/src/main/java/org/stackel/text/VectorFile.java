package org.stackel.text;

import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.InputFile;

/**
 * Vectors out of a GloVe text file. A word that is there only in another case or Unicode form, such
 * as "Paris" or an accent apart from its letter, has the vector of the first such form.
 */
record VectorFile(int dimension, Map<String, float[]> vectors, List<String> remarks)
    implements WordVectors {

  VectorFile {
    remarks = List.copyOf(remarks);
  }

  VectorFile(int dimension, Map<String, float[]> vectors) {
    this(dimension, vectors, List.of());
  }

  @Override
  public float @Nullable [] vector(String word) {
    float[] vector = vectors.get(word);
    return vector == null ? null : vector.clone();
  }

  /** Bytes that are no UTF-8 are let pass: a word with such bytes is never looked up. */
  static WordVectors read(Path file, Predicate<String> wanted) {
    try (var reader =
        new BufferedReader(
            new ShortLines(
                file, new InputStreamReader(InputFile.openUnpacked(file), StandardCharsets.UTF_8)),
            1 << 16)) {
      return new Reader(file, reader, wanted).read();
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
  }

  /** Refuses a line that would fill the memory: one of a packed file of a few bytes may. */
  private static final class ShortLines extends FilterReader {
    private static final int LONGEST = 1 << 22;

    private final Path file;
    private int length;

    ShortLines(Path file, java.io.Reader in) {
      super(in);
      this.file = file;
    }

    @Override
    public int read(char[] to, int from, int count) throws IOException {
      int read = super.read(to, from, count);
      int at = from + read;
      while (at > from && to[at - 1] != '\n' && to[at - 1] != '\r') {
        at--;
      }
      length = from + read - at + (at > from ? 0 : length);
      if (length > LONGEST) {
        throw new InvalidInputException(
                "There is no line end within %,d characters.".formatted(LONGEST),
                "the file is no GloVe text file: a line is a word and its numbers.")
            .at(file.toString());
      }
      return read;
    }
  }

  /** A file while it is read. */
  private static final class Reader {
    /** Lines from which the form of the file is found. */
    private static final int HEAD = 100;

    private static final char[] SEPARATORS = {' ', '\t', ',', ';'};

    private final Path file;
    private final BufferedReader in;
    private final Predicate<String> wanted;
    private final Map<String, float[]> vectors = new HashMap<>();
    private final Map<String, float[]> variants = new HashMap<>();
    private final Deque<String> head = new ArrayDeque<>();
    private char separator = ' ';
    private int dimension;

    Reader(Path file, BufferedReader in, Predicate<String> wanted) {
      this.file = file;
      this.in = in;
      this.wanted = wanted;
    }

    VectorFile read() throws IOException {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        head.add(line);
        if (head.size() == HEAD) {
          break;
        }
      }
      String first = head.peek();
      if (first == null || head.stream().allMatch(String::isBlank)) {
        throw new InvalidInputException(
                "The file is empty; a line of word vectors must hold a word and its numbers.",
                "writing it did not succeed.")
            .at(file.toString());
      }
      String @Nullable [] header =
          first.matches("[0-9]+ [0-9]+ *") && head.size() > 1 ? first.split(" ", -1) : null;
      int number = 0;
      if (header != null) {
        head.poll();
        number++;
      }
      findForm(number + 1);
      if (header != null) {
        requireWidth(header);
      }
      int words = 0;
      for (String line = next(); line != null; line = next()) {
        word(line, ++number);
        words++;
      }
      if (header != null) {
        requireCount(header, words);
      }
      return new VectorFile(dimension, vectors, remarks());
    }

    private @Nullable String next() throws IOException {
      String line = head.poll();
      return line == null ? in.readLine() : line;
    }

    private void word(String line, int number) {
      String place = file + ":" + number;
      int start = numbersStart(line, dimension);
      if (dimension < 1 || start < 1 || (start < 2 && !line.startsWith(separator + ""))) {
        int numbers = Math.max(0, fields(line, separator).length - 1);
        throw new InvalidInputException(
                dimension < 1
                    ? "The line has no number after its word."
                    : "The line has %d %s after its word; there must be %d, as in the lines before."
                        .formatted(numbers, numbers == 1 ? "number" : "numbers", dimension),
                "the file is cut off here, or it is no GloVe text file.")
            .at(place);
      }
      if (start < 2) {
        throw new InvalidInputException(
                "The line has no word before its numbers.",
                "the word is a blank or was empty: the line can be removed.")
            .at(place);
      }
      String word = line.substring(0, start - 1);
      if (wanted.test(word)) {
        if (!vectors.containsKey(word)) {
          vectors.put(word, numbers(line, start, place));
          variants.remove(word);
        }
        return;
      }
      String plain = plain(word);
      boolean isVariant = !plain.equals(word) && wanted.test(plain);
      if (isVariant && !vectors.containsKey(plain) && !variants.containsKey(plain)) {
        variants.put(plain, numbers(line, start, place));
      }
    }

    private static String plain(String word) {
      return Normalizer.normalize(word, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }

    private List<String> remarks() {
      var remarks = new ArrayList<String>();
      if (separator != ' ') {
        remarks.add(
            "%s: a word and its numbers are separated by %s."
                .formatted(file, separator == '\t' ? "tabs" : "'" + separator + "'"));
      }
      if (!variants.isEmpty()) {
        remarks.add(
            "%s: %,d words are there in another case or Unicode form only, whose vectors they get."
                .formatted(file, variants.size()));
        variants.forEach(vectors::putIfAbsent);
      }
      return remarks;
    }

    // ---- form ----------------------------------------------------------------------------------

    private void findForm(int firstLine) {
      requireText(firstLine);
      for (char candidate : SEPARATORS) {
        int width = width(candidate);
        if (width > dimension) {
          dimension = width;
          separator = candidate;
        }
        if (width > 1) {
          return;
        }
      }
    }

    /** How many numbers most of the first lines end with. */
    private int width(char by) {
      var counts = new LinkedHashMap<Integer, Integer>();
      for (String line : head) {
        String[] fields = fields(line, by);
        int numbers = 0;
        while (numbers < fields.length - 1 && isNumber(fields[fields.length - 1 - numbers])) {
          numbers++;
        }
        counts.merge(numbers, 1, Integer::sum);
      }
      int width = 0;
      int most = 0;
      for (var count : counts.entrySet()) {
        if (count.getValue() > most) {
          most = count.getValue();
          width = count.getKey();
        }
      }
      return width;
    }

    private static String[] fields(String line, char by) {
      return line.stripTrailing().split(by + "", -1);
    }

    private static boolean isNumber(String field) {
      try {
        Float.parseFloat(field);
        return true;
      } catch (NumberFormatException e) {
        return false;
      }
    }

    private void requireText(int firstLine) {
      String line = String.valueOf(head.peek());
      boolean isBinary = line.chars().anyMatch(c -> c == 0xFFFD || (c < ' ' && c != '\t'));
      if (isBinary) {
        throw new InvalidInputException(
                "The file is binary; word vectors must be text, a word and its numbers on each line.",
                "it is word2vec's binary format: in gensim, KeyedVectors.load_word2vec_format(file, binary=True).save_word2vec_format('vectors.txt') converts it.")
            .at(file + ":" + firstLine);
      }
    }

    private void requireWidth(String[] header) {
      if (!header[1].equals(String.valueOf(dimension))) {
        throw new InvalidInputException(
                "The header says that a word has %s numbers; it has %d."
                    .formatted(header[1], dimension),
                "the header is another file's: remove the line, or get the file again.")
            .at(file + ":1");
      }
    }

    private void requireCount(String[] header, int words) {
      if (!header[0].equals(String.valueOf(words))) {
        throw new InvalidInputException(
                "The header says that the file has %s words; it has %d."
                    .formatted(header[0], words),
                "the file was not copied to its end, or words were removed: then remove the line.")
            .at(file + ":1");
      }
    }

    // ---- lines ---------------------------------------------------------------------------------

    /** Where the last {@code count} fields begin: GloVe has words with a space in them. */
    private int numbersStart(String line, int count) {
      int at = line.length();
      while (at > 0 && (line.charAt(at - 1) == separator || line.charAt(at - 1) == ' ')) {
        at--;
      }
      for (int i = 0; i < count && at >= 0; i++) {
        at = line.lastIndexOf(separator, at - 1);
      }
      return at + 1;
    }

    private float[] numbers(String line, int start, String place) {
      float[] vector = new float[dimension];
      int from = start;
      for (int d = 0; d < dimension; d++) {
        int end = line.indexOf(separator, from);
        String field = line.substring(from, end < 0 ? line.length() : end);
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
}
