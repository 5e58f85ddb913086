package org.stackel.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.stackel.clean.Clean;
import org.stackel.clean.CleanListener;
import org.stackel.clean.CleanResult;
import org.stackel.cleaning.LabelNoise;
import org.stackel.data.Table;
import org.stackel.problem.Detection;
import org.stackel.tensor.Seed;
import org.stackel.text.Example;
import org.stackel.text.LabelledTexts;

/**
 * How well cleaning finds labels that were made wrong: definitions of WordNet and a table of
 * tickets are written as a user's files, with wrong labels of a known pattern, and cleaned with
 * defaults. Prints AUROC of the suspicion beside that of the best single score, F1 of "suspected",
 * and accuracy on a test file beside that of the best remedy and of plain training.
 *
 * <p>Arguments: {@code wordnet|tickets pair|uniform RATE SEED DIRECTORY}.
 */
public final class CleanQuality {
  private static final int TRAIN = 10_000;
  private static final int TRUSTED = 1_000;
  private static final int TEST = 3_500;
  private static final int TICKETS = 4_000;
  private static final int TICKETS_TRUSTED = 200;
  private static final int TICKETS_TEST = 1_000;
  private static final int KINDS = 8;
  private static final int NUMBERS = 6;

  private CleanQuality() {}

  /** A row of a file. */
  private record Row(List<String> cells, String label) {}

  /** Measures one setting. */
  public static void main(String[] args) throws IOException {
    LabelNoise noise = LabelNoise.valueOf(args[1].toUpperCase(Locale.ROOT));
    double rate = Double.parseDouble(args[2]);
    var seed = new Seed(Long.parseLong(args[3]));
    Path directory = Files.createDirectories(Path.of(args[4]));
    boolean areTickets = args[0].equals("tickets");
    List<Row> rows = areTickets ? tickets(seed) : definitions(seed);
    String header =
        areTickets ? "ticket_id,channel,product,n1,n2,n3,n4,n5,n6,label" : "id,text,label";
    int train = areTickets ? TICKETS : TRAIN;
    int trusted = train + (areTickets ? TICKETS_TRUSTED : TRUSTED);
    List<String> classes = rows.stream().map(Row::label).distinct().sorted().toList();
    int[] truth = rows.stream().mapToInt(row -> classes.indexOf(row.label())).toArray();
    int[] given =
        noise.apply(Arrays.copyOf(truth, train), classes.size(), rate, seed.child("noise"));
    var wrong = new boolean[train];
    for (int i = 0; i < train; i++) {
      wrong[i] = given[i] != truth[i];
    }
    write(directory.resolve("train.csv"), header, rows, 0, train, classes, given);
    write(directory.resolve("trusted.csv"), header, rows, train, trusted, classes, truth);
    write(directory.resolve("test.csv"), header, rows, trusted, rows.size(), classes, truth);
    CleanResult result =
        new Clean()
            .withTrain(directory.resolve("train.csv").toString())
            .withTrusted(directory.resolve("trusted.csv").toString())
            .withTest(directory.resolve("test.csv").toString())
            .to(directory.resolve("cleaned"), CleanListener.NONE);
    print(result, wrong, System.out);
  }

  private static List<Row> definitions(Seed seed) {
    List<Example> all = LabelledTexts.builtIn("wordnet", seed);
    var rows = new ArrayList<Row>();
    for (int i : seed.child("split").permutation(all == null ? 0 : all.size())) {
      if (rows.size() < TRAIN + TRUSTED + TEST && all != null) {
        rows.add(new Row(List.of("r" + i, quoted(all.get(i).text())), all.get(i).label()));
      }
    }
    return rows;
  }

  /** Eight kinds in four pairs of similar ones, told apart by two categories and six numbers. */
  private static List<Row> tickets(Seed seed) {
    var random = seed.child("tickets").generator();
    double[][] centres = new double[KINDS][NUMBERS];
    for (double[] centre : centres) {
      Arrays.setAll(centre, d -> 1.1 * random.nextGaussian());
    }
    var rows = new ArrayList<Row>();
    for (int i = 0; i < TICKETS + TICKETS_TRUSTED + TICKETS_TEST; i++) {
      int kind = random.nextInt(KINDS);
      var cells = new ArrayList<>(List.of("t" + i));
      cells.add("channel" + (random.nextDouble() < 0.5 ? kind / 2 : random.nextInt(KINDS / 2)));
      cells.add("product" + (random.nextDouble() < 0.7 ? kind : random.nextInt(KINDS)));
      for (int d = 0; d < NUMBERS; d++) {
        double number = centres[kind][d] + 0.8 * random.nextGaussian();
        cells.add(String.format(Locale.ROOT, "%.3f", 5 + number * Math.pow(10, d % 3)));
      }
      rows.add(new Row(cells, "kind" + kind));
    }
    return rows;
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\"", "\"\"") + "\"";
  }

  private static void write(
      Path file, String header, List<Row> rows, int from, int to, List<String> classes, int[] of)
      throws IOException {
    try (var out = new PrintStream(Files.newOutputStream(file), false, "UTF-8")) {
      out.println(header);
      for (int i = from; i < to; i++) {
        out.println(String.join(",", rows.get(i).cells()) + "," + classes.get(of[i]));
      }
    }
  }

  private static void print(CleanResult result, boolean[] wrong, PrintStream out) {
    Table weights = Table.read(result.directory().resolve("weights.csv"), null);
    boolean[] suspected = new boolean[wrong.length];
    for (int row = 0; row < wrong.length; row++) {
      suspected[row] = "true".equals(weights.cell(row, weights.indexOf("suspected")));
    }
    var single = new TreeMap<String, Double>();
    result
        .weights()
        .keySet()
        .forEach(name -> single.put(name, Detection.auroc(numbers(weights, name), wrong)));
    String best =
        single.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(each -> String.format(Locale.ROOT, "%.4f (%s)", each.getValue(), each.getKey()))
            .orElse("none");
    out.printf(
        Locale.ROOT,
        "AUROC %.4f, best single score %s; F1 %.4f%n",
        Detection.auroc(numbers(weights, "suspicion"), wrong),
        best,
        Detection.f1(suspected, wrong));
    out.printf(Locale.ROOT, "accuracy %.4f by '%s';", result.testAccuracy(), result.chosen());
    result
        .candidates()
        .forEach(each -> out.printf(Locale.ROOT, " %s %.4f", each.title(), each.testAccuracy()));
    out.println();
  }

  private static double[] numbers(Table table, String column) {
    int at = table.indexOf(column);
    double[] numbers = new double[table.size()];
    Arrays.setAll(
        numbers,
        row -> {
          String cell = table.cell(row, at);
          return cell == null || cell.isEmpty() ? -99 : Double.parseDouble(cell);
        });
    return numbers;
  }
}
