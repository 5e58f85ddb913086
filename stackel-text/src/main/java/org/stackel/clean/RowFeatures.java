package org.stackel.clean;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.text.WordVectors;

/**
 * How rows become the features of a linear model, learned from some of them. It can be sent to
 * other processes, which then read parts of the rows.
 *
 * <p>Columns and their features are those of {@link Clean}: of texts in English mean word vectors,
 * of others TF-IDF, besides scaled numbers (without texts with their products) and categories. All
 * are multiplied by the factor for which the usual step size of the lower level is safe.
 */
public final class RowFeatures implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A text of Java must be shorter than 2³¹ characters. */
  private static final long MAX_CHARACTERS = 1L << 28;

  private final JsonRows reader;
  private final Roles roles;
  private final Featurizer featurizer;
  private final float factor;
  private final List<String> classes;

  private RowFeatures(
      JsonRows reader, Roles roles, Featurizer featurizer, float factor, List<String> classes) {
    this.reader = reader;
    this.roles = roles;
    this.featurizer = featurizer;
    this.factor = factor;
    this.classes = classes;
  }

  /**
   * Learns words and their weights, means and deviations, and categories.
   *
   * @param sample rows with labels, of which the first 268 million characters are read
   * @param trusted rows with labels that are right
   * @param classes of all rows
   * @throws InvalidInputException if there is nothing to learn from
   */
  public static RowFeatures learn(
      JsonRows reader, List<String> sample, List<String> trusted, List<String> classes) {
    List<String> some = shortened(sample);
    Roles roles = reader.roles(some);
    LabelledTable train = reader.read(some, roles);
    LabelledTable known = reader.named("trusted").read(trusted, roles);
    var fields =
        new FieldList()
            .add(train, IntStream.range(0, train.size()).toArray())
            .add(known, IntStream.range(0, known.size()).toArray());
    int[] all = IntStream.range(0, fields.size()).toArray();
    int maxTerms = CleanWork.maxTerms(classes.size());
    Featurizer featurizer =
        sent(chosen(new FeatureSets(roles, fields, all, maxTerms, new ArrayList<>()).all()));
    CleanWork.requireParameters(featurizer.width(), classes.size());
    FeatureMatrix features = featurizer.features(fields).ofOneKind();
    if (features.isConstant()) {
      throw new InvalidInputException(
          "No row differs from others in the columns that are read (%s)."
              .formatted(String.join(", ", roles.read())),
          "other columns are meant: Clean.builder().text(…) or .features(…) names them.");
    }
    return new RowFeatures(
        reader, roles, featurizer, BilevelWeights.factor(features), List.copyOf(classes));
  }

  private static List<String> shortened(List<String> lines) {
    long characters = 0;
    int count = 0;
    for (String line : lines) {
      characters += line.length() + 1L;
      if (count > 0 && characters > MAX_CHARACTERS) {
        break;
      }
      count++;
    }
    return lines.subList(0, count);
  }

  /** Word vectors, which are dense; else the fullest. */
  private static Featurizer chosen(Map<String, Featurizer> sets) {
    Featurizer chosen = sets.get(FeatureSets.WORD_VECTORS);
    for (Featurizer each : chosen == null ? sets.values() : List.<Featurizer>of()) {
      chosen = each;
    }
    return Objects.requireNonNull(chosen);
  }

  /** The same without vectors, which every process has. */
  private static Featurizer sent(Featurizer learned) {
    List<DenseBlock> dense =
        learned.dense().stream()
            .map(
                block ->
                    block instanceof VectorBlock vectors
                        ? new VectorBlock(
                            vectors.texts(), WordVectors.builtIn(), vectors.mean(), vectors.scale())
                        : block)
            .toList();
    return new Featurizer(learned.columns(), dense, learned.sparse());
  }

  /** The classes of the labels. */
  public List<String> classes() {
    return classes;
  }

  /** Columns of features. */
  int width() {
    return featurizer.width();
  }

  /** Whether most features of a row are numbers other than zero, so that all are kept. */
  boolean isDense() {
    return featurizer.width() == featurizer.denseWidth();
  }

  /**
   * Features and classes of rows.
   *
   * @param records numbers of the rows
   * @param lines rows with labels
   */
  public RowPart part(long[] records, List<String> lines) {
    LabelledTable table = reader.read(lines, roles);
    return new RowPart(
        records,
        featurizer.features(table).ofOneKind().times(factor),
        new Classes(classes).ids(table.allLabels()));
  }
}
