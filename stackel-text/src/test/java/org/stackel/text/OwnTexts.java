package org.stackel.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Small text data of the project's own in the formats of published sets: made of words by a fixed
 * seed, the same in every run.
 */
public final class OwnTexts {
  public static final List<String> DOMAINS =
      List.of(
          "books", "dvd", "electronics", "kitchen_housewares", "garden", "music", "sports", "toys");

  /** Pairs that {@link #pairs} writes without an agreed label. */
  public static final int DISPUTED = 5;

  public static final int PREMISES = 90;
  public static final int INTENTS = 8;

  /** Reviews of a domain with one label and one threshold. */
  public static final int REVIEWS = 24;

  private static final List<String> GOOD =
      List.of("good", "great", "fine", "excellent", "nice", "lovely", "perfect", "reliable");
  private static final List<String> BAD =
      List.of("bad", "poor", "weak", "awful", "broken", "useless", "cheap", "terrible");
  private static final List<String> PEOPLE =
      List.of("a woman", "a man", "a child", "a nurse", "a cook", "a farmer", "a singer", "a girl");
  private static final List<String> PLACES =
      List.of("park", "kitchen", "street", "garden", "station", "school", "forest", "market");
  private static final List<String> ACTIONS =
      List.of("reads", "sleeps", "runs", "sings", "eats", "waits", "works", "dances");
  private static final List<String> TOPICS = List.of("ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM");
  private static final List<String> THINGS =
      List.of("letter", "engine", "bird", "king", "river", "price");
  private static final List<String> QUESTIONS =
      List.of("how old is", "what is", "where is", "who found", "how large is", "when came");

  private OwnTexts() {}

  private static String of(List<String> words, Random random) {
    return words.get(random.nextInt(words.size()));
  }

  private static Path write(Path file, CharSequence text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reviews with the keys {@code text, label, domain, thr}, one JSON object a line: {@value
   * #REVIEWS} for each of {@link #DOMAINS}, label 1 or -1 and threshold t2 or t4. Words of praise
   * and blame are the same everywhere.
   */
  public static Path reviews(Path file) {
    var random = new Random(1);
    var lines = new StringBuilder();
    for (String domain : DOMAINS) {
      for (int i = 0; i < 4 * REVIEWS; i++) {
        boolean isGood = i % 2 == 0;
        List<String> words = isGood ? GOOD : BAD;
        lines.append(
            "{\"text\": \"%s %s , %s\", \"label\": \"%s\", \"domain\": \"%s\", \"thr\": \"%s\"}\n"
                .formatted(
                    of(words, random),
                    domain.replace('_', ' '),
                    of(words, random),
                    isGood ? "1" : "-1",
                    domain,
                    i < 2 * REVIEWS ? "t2" : "t4"));
      }
    }
    return write(file, lines);
  }

  /** Pairs as SNLI has them: {@value #PREMISES} premises, each with every label once. */
  public static Path pairs(Path file) {
    var random = new Random(2);
    var lines = new StringBuilder();
    for (int i = 0; i < PREMISES; i++) {
      String who = of(PEOPLE, random);
      String does = of(ACTIONS, random);
      String premise = "%s %s in the %s , number %d".formatted(who, does, of(PLACES, random), i);
      pair(lines, premise, "%s %s".formatted(who, does), "entailment");
      pair(lines, premise, "%s likes the %s".formatted(who, of(PLACES, random)), "neutral");
      pair(lines, premise, "nobody %s there".formatted(does), "contradiction");
      if (i < DISPUTED) {
        pair(lines, premise, "%s is here".formatted(who), "-");
      }
    }
    return write(file, lines);
  }

  private static void pair(StringBuilder lines, String premise, String hypothesis, String label) {
    lines.append(
        "{\"sentence1\": \"%s\", \"sentence2\": \"%s\", \"gold_label\": \"%s\"}\n"
            .formatted(premise, hypothesis, label));
  }

  /** Questions as TREC has them: 14 of each class, about one thing each. */
  public static Path questions(Path file) {
    var random = new Random(3);
    var lines = new StringBuilder();
    for (int i = 0; i < 14 * TOPICS.size(); i++) {
      int topic = i % TOPICS.size();
      lines.append(
          "%s:own %s the %s of the %s ?\n"
              .formatted(
                  TOPICS.get(topic), of(QUESTIONS, random), THINGS.get(topic), of(PLACES, random)));
    }
    return write(file, lines);
  }

  /**
   * Requests with one of {@value #INTENTS} intents, which a word tells: a table with the columns
   * {@code text, label}.
   *
   * @param perIntent requests of each intent
   * @param seed another seed, other requests
   */
  public static Path intents(Path file, int perIntent, int seed) {
    var random = new Random(seed);
    var lines = new StringBuilder("text,label\n");
    for (int i = 0; i < INTENTS * perIntent; i++) {
      String intent = ACTIONS.get(i % INTENTS);
      lines.append(
          "%s that %s %s in the %s,%s\n"
              .formatted(
                  of(QUESTIONS, random), of(PEOPLE, random), intent, of(PLACES, random), intent));
    }
    return write(file, lines);
  }
}
