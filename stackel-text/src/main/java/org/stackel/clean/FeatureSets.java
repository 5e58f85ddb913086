package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.stackel.config.InvalidInputException;
import org.stackel.text.WordVectors;

/** The ways to compute features among which trusted rows choose. */
final class FeatureSets {
  /** The way without the words themselves. */
  static final String WORD_VECTORS = "word vectors";

  /** Share of the words that must have a vector for vectors to be tried. */
  private static final double LEAST_COVERAGE = 0.5;

  private static final int MAX_TERMS = 100_000;
  private static final int MAX_PRODUCTS = 20;
  private static final int MAX_CATEGORIES = 1_000;

  private final Roles roles;
  private final Fields fields;
  private final int[] rows;
  private final List<String> remarks;
  private final int maxTerms;

  /**
   * @param fields the rows, with the columns that the roles have
   * @param rows which rows features are learned from
   * @param maxTerms most words or indices that are features
   * @param remarks gets what a reader should know
   */
  FeatureSets(Roles roles, Fields fields, int[] rows, int maxTerms, List<String> remarks) {
    this.roles = roles;
    this.fields = fields;
    this.rows = rows;
    this.maxTerms = Math.min(MAX_TERMS, maxTerms);
    this.remarks = remarks;
  }

  /** The ways by name, the fullest last. */
  Map<String, Featurizer> all() {
    if (!roles.pairs().isEmpty()) {
      return Map.of("index:value pairs", featurizer(List.of(), List.of(indices())));
    }
    List<CategoryBlock> categories = categories();
    List<DenseBlock> plain = new ArrayList<>();
    int[] numbers = range(roles.texts().size(), roles.numbers().size());
    if (numbers.length > 0) {
      plain.add(numbers(numbers, false));
    }
    var sets = new LinkedHashMap<String, Featurizer>();
    if (roles.texts().isEmpty()) {
      sets.put("columns", featurizer(plain, categories));
      if (numbers.length > 1 && numbers.length <= MAX_PRODUCTS) {
        sets.put("columns with products", featurizer(List.of(numbers(numbers, true)), categories));
      }
      return sets;
    }
    int[] texts = range(0, roles.texts().size());
    TermBlock terms = TermBlock.fit(texts, this::views, rows.length < 200 ? 1 : 2, maxTerms);
    if (terms.width() == 0) {
      throw new InvalidInputException(
          "The texts have no words.", "the texts are in another column; --text names it.");
    }
    List<SparseBlock> words = new ArrayList<>(List.of(terms));
    words.addAll(categories);
    double coverage = coverage(texts);
    if (coverage >= LEAST_COVERAGE) {
      List<DenseBlock> dense = new ArrayList<>(List.of(vectors(texts)));
      dense.addAll(plain);
      sets.put(WORD_VECTORS, featurizer(dense, categories));
      sets.put("TF-IDF", featurizer(plain, words));
      sets.put("word vectors and TF-IDF", featurizer(dense, words));
    } else {
      remarks.add(
          "%.1f %% of the words have a built-in (English) vector, less than %.0f %%: features are words alone."
              .formatted(100 * coverage, 100 * LEAST_COVERAGE));
      sets.put("TF-IDF", featurizer(plain, words));
    }
    return sets;
  }

  private Featurizer featurizer(
      List<? extends DenseBlock> dense, List<? extends SparseBlock> sparse) {
    return new Featurizer(roles.read(), List.copyOf(dense), List.copyOf(sparse));
  }

  private java.util.Iterator<RowView> views() {
    return Arrays.stream(rows).mapToObj(row -> new RowView(fields, row)).iterator();
  }

  private static int[] range(int from, int count) {
    return IntStream.range(from, from + count).toArray();
  }

  private double coverage(int[] texts) {
    WordVectors vectors = WordVectors.builtIn();
    long words = 0;
    long known = 0;
    int step = Math.max(1, rows.length / 2000);
    for (int i = 0; i < rows.length; i += step) {
      var view = new RowView(fields, rows[i]);
      for (int text : texts) {
        words += view.words(text).size();
        known += vectors.known(view.words(text)).size();
      }
    }
    return words == 0 ? 0 : (double) known / words;
  }

  private VectorBlock vectors(int[] texts) {
    FixedVectors own = FixedVectors.of(this::views, texts, WordVectors.builtIn());
    VectorBlock raw = VectorBlock.unscaled(texts, own);
    float[] numbers = new float[Math.multiplyExact(rows.length, raw.width())];
    for (int i = 0; i < rows.length; i++) {
      raw.write(new RowView(fields, rows[i]), numbers, i * raw.width());
    }
    Scaling scaling = Scaling.of(numbers, raw.width());
    return new VectorBlock(texts, own, scaling.mean(), scaling.factor());
  }

  private NumberBlock numbers(int[] columns, boolean products) {
    int n = columns.length;
    double[] mean = new double[n];
    double[] factor = new double[n];
    int missing = 0;
    for (int k = 0; k < n; k++) {
      double sum = 0;
      double squares = 0;
      int count = 0;
      for (int row : rows) {
        double number = NumberBlock.number(fields.cell(row, columns[k]));
        if (Double.isNaN(number)) {
          missing++;
        } else {
          count++;
          double before = number - sum / Math.max(1, count - 1);
          sum += number;
          squares += before * (number - sum / count);
        }
      }
      mean[k] = count == 0 ? 0 : sum / count;
      double deviation = count == 0 ? 0 : Math.sqrt(squares / count);
      factor[k] = deviation <= 1e-12 ? 0 : 1 / deviation / Math.sqrt(n);
    }
    if (missing > 0 && !products) {
      remarks.add(
          "%,d cells of number columns have no number; they count as the column's mean."
              .formatted(missing));
    }
    return new NumberBlock(columns, mean, factor, products);
  }

  private List<CategoryBlock> categories() {
    int first = roles.texts().size() + roles.numbers().size();
    var blocks = new ArrayList<CategoryBlock>();
    float value = (float) (1 / Math.sqrt(Math.max(1, roles.categories().size())));
    for (int column = first; column < first + roles.categories().size(); column++) {
      var counts = new TreeMap<String, Integer>();
      for (int row : rows) {
        String cell = fields.cell(row, column);
        counts.merge(cell == null ? "" : cell.strip(), 1, Integer::sum);
      }
      List<String> kept =
          counts.entrySet().stream()
              .filter(each -> each.getValue() > 1)
              .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
              .limit(MAX_CATEGORIES)
              .map(Map.Entry::getKey)
              .sorted()
              .toList();
      blocks.add(CategoryBlock.of(column, kept, value));
    }
    return blocks;
  }

  /** Indices that stand in two rows at least, their values divided by their root mean square. */
  private IndexBlock indices() {
    var sums = new HashMap<String, double[]>();
    for (int row : rows) {
      String cell = fields.cell(row, 0);
      if (cell != null) {
        IndexBlock.pairs(
            cell,
            () -> fields.place(row),
            (index, value) -> {
              double[] sum = sums.computeIfAbsent(index, i -> new double[2]);
              sum[0]++;
              sum[1] += value * value;
            });
      }
    }
    int least = rows.length < 200 ? 1 : 2;
    List<String> kept =
        sums.entrySet().stream()
            .filter(each -> each.getValue()[0] >= least && each.getValue()[1] > 0)
            .sorted(
                java.util.Comparator.comparingDouble(
                        (Map.Entry<String, double[]> e) -> -e.getValue()[0])
                    .thenComparing(Map.Entry::getKey))
            .limit(maxTerms * 20L)
            .map(Map.Entry::getKey)
            .toList();
    if (kept.isEmpty()) {
      throw new InvalidInputException(
          "No feature stands in %d rows.".formatted(least), "the file has too few rows.");
    }
    if (kept.size() < sums.size()) {
      remarks.add(
          "%,d of %,d features stand in %d rows at least and are used."
              .formatted(kept.size(), sums.size(), least));
    }
    float[] factors = new float[kept.size()];
    for (int k = 0; k < factors.length; k++) {
      double[] sum = sums.getOrDefault(kept.get(k), new double[] {1, 1});
      factors[k] = (float) (1 / Math.sqrt(sum[1] / sum[0]));
    }
    return IndexBlock.of(0, kept, factors);
  }
}
