package org.stackel.text;

import java.util.SplittableRandom;
import org.stackel.config.Rules;
import org.stackel.tensor.Seed;

/** A random vector for every word. */
record RandomVectors(Seed seed, int dimension) implements WordVectors {
  private static final double DEVIATION = 0.5;

  RandomVectors {
    new Rules("word-vectors").atLeast("dimension", dimension, 1);
  }

  @Override
  public float[] vector(String word) {
    SplittableRandom generator = seed.child(word).generator();
    float[] vector = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      vector[d] = (float) (DEVIATION * generator.nextGaussian());
    }
    return vector;
  }
}
