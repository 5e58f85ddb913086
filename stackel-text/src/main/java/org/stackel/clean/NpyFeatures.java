package org.stackel.clean;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.NpyFile;

/** Embeddings that were computed elsewhere, a row for each record of each file. */
final class NpyFeatures {
  private final NpyFile train;
  private final @Nullable NpyFile trusted;
  private final @Nullable NpyFile test;
  private final Scaling scaling;

  private NpyFeatures(NpyFile train, @Nullable NpyFile trusted, @Nullable NpyFile test) {
    this.train = train;
    this.trusted = trusted;
    this.test = test;
    scaling = Scaling.of(train.numbers(), train.width());
  }

  /** The files that the options name; null if they name none. */
  static @Nullable NpyFeatures of(Clean options, CleanData data) {
    List<String> files = options.features().stream().filter(NpyFile::isNamed).toList();
    if (files.isEmpty()) {
      return null;
    }
    int needed = 1 + (data.trusted() == null ? 0 : 1) + (data.test() == null ? 0 : 1);
    if (files.size() != needed) {
      throw new InvalidInputException(
              "%d .npy files are given; there must be %d: one for each of TRAIN, --trusted and --test, in this order."
                  .formatted(files.size(), needed),
              "--features train.npy,trusted.npy was meant.")
          .at("--features");
    }
    NpyFile train = read(files.get(0), data.train(), -1);
    int next = 1;
    NpyFile trusted =
        data.trusted() == null ? null : read(files.get(next++), data.trusted(), train.width());
    NpyFile test = data.test() == null ? null : read(files.get(next), data.test(), train.width());
    return new NpyFeatures(train, trusted, test);
  }

  private static NpyFile read(String file, LabelledTable table, int width) {
    NpyFile matrix = NpyFile.read(Path.of(file));
    if (matrix.rows() != table.size() || (width >= 0 && matrix.width() != width)) {
      throw new InvalidInputException(
              "The matrix is %,d × %,d; %s has %,d records%s."
                  .formatted(
                      matrix.rows(),
                      matrix.width(),
                      table.table().file(),
                      table.size(),
                      width >= 0 ? ", and the first matrix %,d columns".formatted(width) : ""),
              "it was made of another file, or rows were left out.")
          .at(file);
    }
    return matrix;
  }

  int width() {
    return train.width();
  }

  /** Features of rows of the data, then of others of them, then of trusted ones. */
  FeatureMatrix features(int[] rows, int[] others, int[] trustedRows) {
    int total = rows.length + others.length + trustedRows.length;
    float[] numbers = new float[Math.multiplyExact(total, width())];
    int next = write(train, rows, numbers, 0);
    next = write(train, others, numbers, next);
    if (trusted != null) {
      write(trusted, trustedRows, numbers, next);
    }
    return FeatureMatrix.ofDense(total, width(), numbers);
  }

  /** Features of test rows. */
  FeatureMatrix test(int[] rows) {
    float[] numbers = new float[Math.multiplyExact(rows.length, width())];
    if (test != null) {
      write(test, rows, numbers, 0);
    }
    return FeatureMatrix.ofDense(rows.length, width(), numbers);
  }

  /** How a model computes the same features from cells. */
  Featurizer featurizer() {
    int[] columns = IntStream.range(0, width()).toArray();
    return new Featurizer(
        NpyFile.columns(width()),
        List.of(new NumberBlock(columns, scaling.mean(), scaling.factor(), false)),
        List.of());
  }

  private int write(NpyFile from, int[] rows, float[] to, int at) {
    int next = at;
    for (int row : rows) {
      for (int k = 0; k < width(); k++) {
        to[next++] =
            NumberBlock.scaled(
                from.numbers()[row * width() + k], scaling.mean()[k], scaling.factor()[k]);
      }
    }
    return next;
  }
}
