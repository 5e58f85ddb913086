package org.stackel.authors;

import java.util.Set;
import java.util.stream.Stream;
import org.stackel.algorithm.AlgorithmContract;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;

/** What every algorithm promises, of those that follow scripts. */
class AuthorsContractTest extends AlgorithmContract {
  static Stream<Algorithms.Entry> all() {
    return Algorithms.all().stream()
        .filter(
            entry -> entry.defaults().getClass().getPackageName().equals("org.stackel.authors"));
  }

  @Override
  protected Stream<Algorithms.Entry> entries() {
    return all();
  }

  @Override
  protected boolean isOfRandomLength(BilevelAlgorithm<?> algorithm) {
    return Set.of(AccBoAuthorsAuc.class, TtsaAuthorsAuc.class, TtsaAuthorsFewShot.class)
        .contains(algorithm.getClass());
  }
}
