package org.stackel.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/** The catalogue of ready experiments. */
public final class Presets {
  private static final String REVIEWS = "data/amazon-reviews";
  private static final String TWEETS = "data/training.1600000.processed.noemoticon.csv";
  private static final String TWEETS_TEST = "data/testdata.manual.2009.06.14.csv";
  private static final String GLOVE = "data/glove.840B.300d.txt";

  private static final Needed VECTORS =
      new Needed("vectors", GLOVE, "GloVe's vectors of 840 billion words", "vectors=glove");
  private static final String SNLI = "data/snli_1.0/snli_1.0_";
  private static final String TREC = "data/trec/";

  /** Domains of the test tasks. */
  private static final List<String> KITCHEN =
      List.of("books", "dvd", "electronics", "kitchen_housewares");

  /** BO-REP's step sizes for few-shot tasks of reviews. */
  private static final Map<String, ?> BO_REP_OF_REVIEWS =
      Map.of(
          "type",
          "bo-rep",
          "upperLr",
          0.01,
          "lowerLr",
          1e-3,
          "linearSystemLr",
          1e-2,
          "lowerSteps",
          3,
          "period",
          2);

  /** SLIP's step sizes for the cleaning of tweets. */
  private static final Map<String, ?> SLIP_OF_TWEETS =
      Map.of("type", "slip", "upperLr", 0.05, "lowerLr", 0.05, "linearSystemLr", 0.01);

  /** SLIP's step sizes for few-shot tasks of pairs. */
  private static final Map<String, ?> SLIP_OF_PAIRS =
      Map.of("type", "slip", "upperLr", 0.08, "lowerLr", 5e-2, "linearSystemLr", 1e-2);

  /** Sizes of the game: no publication states them. */
  private static final Map<String, ?> GAME = Map.of("d", 50, "r", 25, "n", 1000, "mu", 0.1, "L", 1);

  private static final Map<String, ?> TINY_NETWORK = Map.of("hidden", 8, "maxTokens", 8);

  private static final List<Preset> ALL =
      List.of(
          new Preset(
              "auc-amazon",
              "rare bad reviews, by a network trained for the AUC",
              Map.of(
                  Scale.TINY, auc(Map.of("data", REVIEWS, "trainSize", 400, "testSize", 200), 60),
                  Scale.SMALL,
                      auc(Map.of("data", REVIEWS, "trainSize", 8_000, "testSize", 4_000), 500),
                  Scale.PAPER, aucOfReviews()),
              List.of(
                  new Needed(
                      "data",
                      REVIEWS,
                      "reviews of Amazon: a file of McAuley's or a directory of Blitzer's",
                      "data=wordnet"),
                  VECTORS)),
          new Preset(
              "auc-sentiment140",
              "tweets, 80 % of them positive, by a network trained for the AUC",
              Map.of(
                  Scale.TINY, auc(tweets(400, 200, ""), 60),
                  Scale.SMALL, auc(tweets(5_000, 2_000, ""), 500),
                  Scale.PAPER, aucOfThePaper()),
              List.of(
                  new Needed(
                      "data",
                      TWEETS,
                      "the training file of Sentiment140",
                      "data=wordnet",
                      "imratio=null"),
                  new Needed(
                      "test",
                      TWEETS_TEST,
                      "the test file of Sentiment140",
                      "test=",
                      "testSize=2000"),
                  VECTORS)),
          new Preset(
              "clean-sentiment140",
              "find wrong labels among tweets; 40 % of the labels are turned around",
              Map.of(
                  Scale.TINY,
                  cleanTweets(
                      Map.of("trainSize", 600, "trustedSize", 200, "testSize", 300, "hidden", 8),
                      60),
                  Scale.SMALL,
                  cleanTweets(
                      Map.of("trainSize", 10_000, "trustedSize", 1_000, "testSize", 3_000), 600),
                  Scale.PAPER,
                  cleanTweetsOfThePaper()),
              List.of(
                  new Needed("data", TWEETS, "the training file of Sentiment140", "data=wordnet"),
                  VECTORS)),
          new Preset(
              "clean-snli",
              "find wrong labels among pairs of sentences; 10 % are replaced by another class",
              Map.of(
                  Scale.TINY,
                  cleanPairs(
                      Map.of("trainSize", 600, "trustedSize", 200, "testSize", 300, "hidden", 8),
                      60),
                  Scale.SMALL,
                  cleanPairs(
                      Map.of("trainSize", 10_000, "trustedSize", 1_000, "testSize", 3_000), 600),
                  Scale.PAPER,
                  cleanPairsOfThePaper()),
              List.of(
                  new Needed(
                      "data",
                      SNLI + "train.jsonl",
                      "the training file of SNLI",
                      "data=wordnet-pairs"),
                  new Needed(
                      "trusted", SNLI + "dev.jsonl", "the development file of SNLI", "trusted="),
                  new Needed("test", SNLI + "test.jsonl", "the test file of SNLI", "test="),
                  VECTORS)),
          new Preset(
              "clean-wordnet",
              "find wrong labels among definitions of 38 topics; 40 % are moved to the next class",
              Map.of(
                  Scale.TINY,
                  wordNet(Map.of("trainSize", 1_000, "trustedSize", 300, "testSize", 500), 100),
                  Scale.SMALL,
                  wordNet(Map.of(), 1_000), // the problem's own sizes
                  Scale.PAPER,
                  cleanTopicsAsThePaper()),
              List.of(VECTORS)),
          new Preset(
              "ho-amazon",
              "the strength of a network's penalty, for reviews of domains never trained on",
              Map.of(
                  Scale.TINY, reviews(Map.of("hidden", 8, "tasks", 40, "testTasks", 10), 60),
                  Scale.SMALL, reviews(Map.of(), 500),
                  Scale.PAPER, reviewsOfThePaper()),
              List.of(
                  new Needed(
                      "data",
                      REVIEWS,
                      "reviews of Amazon with their domains: a directory of Blitzer's",
                      "data=wordnet",
                      "heldOut=[]",
                      "testSize=2000",
                      "taskSize=0"),
                  VECTORS)),
          new Preset(
              "hr-amazon",
              "an encoder of reviews from which a domain's sentiment is learned from 20 of them",
              Map.of(
                  Scale.TINY,
                  fewShot(amazon(KITCHEN, 12, 6, 4), TINY_NETWORK, Map.of(), 10),
                  Scale.SMALL,
                  fewShot(
                      amazon(KITCHEN, 300, 100, 6),
                      Map.of("hidden", 32, "pooling", "mean", "maxTokens", 40),
                      Map.of("featureScale", 0.5, "regularization", 2e-3, "testLr", 0.5),
                      300),
                  Scale.PAPER,
                  published(
                      amazon(
                          List.of("automotive", "computer_video_games", "office_products"),
                          400,
                          50,
                          20),
                      BO_REP_OF_REVIEWS,
                      0.1,
                      400)),
              List.of(
                  new Needed(
                      "data",
                      REVIEWS,
                      "reviews of Amazon in a directory of Blitzer's, a folder a domain",
                      "data=wordnet",
                      "split=classes",
                      "heldOut=[]"),
                  VECTORS)),
          new Preset(
              "hr-snli",
              "an encoder of pairs of sentences from which two of three relations are learned",
              Map.of(
                  Scale.TINY,
                  fewShot(snli("dev", 12, 6, 4), TINY_NETWORK, Map.of(), 10),
                  Scale.SMALL,
                  fewShot(
                      snli("dev", 300, 100, 6),
                      Map.of("hidden", 32, "pooling", "max", "maxTokens", 20),
                      Map.of("featureScale", 0.5, "regularization", 2e-3, "testLr", 0.15),
                      300),
                  Scale.PAPER,
                  published(
                      with(snli("train", 500, 100, 20), Map.of("test", SNLI + "test.jsonl")),
                      SLIP_OF_PAIRS,
                      0.5,
                      500)),
              List.of(
                  snliFile("data", "dev"),
                  snliFile("data", "train"),
                  snliFile("test", "test"),
                  VECTORS)),
          new Preset(
              "hr-trec",
              "an encoder of questions from which two kinds of them are learned",
              Map.of(
                  Scale.TINY,
                  fewShot(trec("classes", 12, 6, 4), transformer(8, 1), Map.of("maxTokens", 8), 10),
                  Scale.SMALL,
                  fewShot(
                      trec("classes", 300, 100, 8),
                      transformer(64, 2),
                      Map.of("maxTokens", 16, "regularization", 2e-3, "testLr", 0.5),
                      300),
                  Scale.PAPER,
                  bert(
                      with(
                          trec("examples", 500, 500, 20), Map.of("test", TREC + "TREC_10.label")))),
              List.of(
                  new Needed(
                      "data",
                      TREC + "train_5500.label",
                      "the training questions of TREC's question classification",
                      "data=wordnet",
                      "split=classes"),
                  new Needed(
                      "test",
                      TREC + "TREC_10.label",
                      "the test questions of TREC's question classification",
                      "test="))),
          new Preset(
              "hr-wordnet",
              "an encoder of definitions from which five topics are learned from 25 of them",
              Map.of(
                  Scale.TINY,
                  fewShot(
                      Map.of("tasks", 12, "testTasks", 6, "taskBatch", 4, "perClass", 40),
                      TINY_NETWORK,
                      Map.of(),
                      10),
                  Scale.SMALL,
                  fewShot(Map.of(), Map.of(), Map.of(), 400), // the problem's own sizes
                  Scale.PAPER,
                  published(Map.of("taskBatch", 20), BO_REP_OF_REVIEWS, 0.1, 500)),
              List.of(VECTORS)),
          new Preset(
              "logistic",
              "a penalty for each feature of a logistic regression, from validation examples",
              Map.of(
                  Scale.TINY,
                  preset("logistic-hpo", Map.of("features", 5, "examples", 200), 100),
                  Scale.SMALL,
                  preset("logistic-hpo", Map.of(), 2_000))),
          new Preset(
              "matrix-sensing",
              "a matrix of rank 5 from measurements; full batches",
              Map.of(
                  Scale.TINY,
                  preset("matrix-sensing", Map.of("d", 10, "r", 2), 200),
                  Scale.SMALL,
                  preset("matrix-sensing", Map.of(), 1_000),
                  Scale.PAPER,
                  huang("matrix-sensing", Map.of("d", 50, "r", 5), "mgbio", 1_000))),
          new Preset(
              "matrix-sensing-stochastic",
              "a matrix of rank 5 from measurements; minibatches of 10",
              Map.of(
                  Scale.TINY,
                  preset("matrix-sensing", Map.of("d", 10, "r", 2, "batch", 10), 200),
                  Scale.SMALL,
                  preset("matrix-sensing", Map.of("batch", 10), 2_000),
                  Scale.PAPER,
                  huang("matrix-sensing", Map.of("d", 50, "r", 5, "batch", 10), "msgbio", 2_000))),
          new Preset(
              "pl-game",
              "a game whose lower level is not strongly convex; full batches",
              Map.of(
                  Scale.TINY,
                  preset("pl-game", Map.of("d", 10, "r", 5, "n", 200, "coupling", 0.01), 200),
                  Scale.SMALL,
                  preset("pl-game", Map.of("coupling", 0.02), 2_000),
                  Scale.PAPER,
                  huang("pl-game", GAME, "mgbio", 2_000))),
          new Preset(
              "pl-game-stochastic",
              "a game whose lower level is not strongly convex; minibatches of 10",
              Map.of(
                  Scale.TINY,
                  preset(
                      "pl-game",
                      Map.of("d", 10, "r", 5, "n", 200, "coupling", 0.01, "batch", 10),
                      200),
                  Scale.SMALL,
                  preset("pl-game", Map.of("coupling", 0.02, "batch", 10), 2_000),
                  Scale.PAPER,
                  huang("pl-game", with(GAME, Map.of("batch", 10)), "msgbio", 2_000))),
          new Preset(
              "quadratic-demo",
              "the smallest bilevel problem, with a closed form: a few milliseconds",
              Map.of(Scale.SMALL, quadratic(100), Scale.TINY, quadratic(10))),
          new Preset(
              "quadratic-sum",
              "means of random quadratics in 100 numbers at each level; minibatches of 64",
              Map.of(
                  Scale.TINY,
                  preset("quadratic-sum", Map.of("d", 10, "p", 10, "n", 100, "batch", 16), 200),
                  Scale.SMALL,
                  preset("quadratic-sum", Map.of(), 2_000))));

  private Presets() {}

  /** How much of the data and how many steps. */
  public enum Scale {
    /** Seconds: to see that it works. */
    TINY,
    /** Minutes on a laptop: to see what it does. */
    SMALL,
    /** The published sizes. */
    PAPER
  }

  /**
   * An experiment with a name.
   *
   * @param name what {@code stackel run} takes
   * @param summary one line
   * @param scales the experiment for every scale it has, as an experiment file has it
   * @param needed files that the user brings
   */
  public record Preset(
      String name, String summary, Map<Scale, Map<String, ?>> scales, List<Needed> needed) {
    Preset(String name, String summary, Map<Scale, Map<String, ?>> scales) {
      this(name, summary, scales, List.of());
    }

    /**
     * The experiment of one scale.
     *
     * @throws InvalidInputException if it is not there in this scale
     */
    public Draft draft(Scale scale) {
      Map<String, ?> values = scales.get(scale);
      if (values == null) {
        throw new InvalidInputException(
                "The preset %s has no scale %s.".formatted(name, Options.kebab(scale)),
                "one of %s was meant."
                    .formatted(
                        String.join(
                            ", ", scales.keySet().stream().sorted().map(Options::kebab).toList())))
            .at("--scale");
      }
      return Draft.of("preset " + name, values, needed);
    }
  }

  /**
   * A file that a preset reads and that nobody may pass on.
   *
   * @param key the problem's option that names it
   * @param path where it is looked for
   * @param what it is
   * @param standIn what to set, {@code key=value} of the problem, to do without
   */
  public record Needed(String key, String path, String what, List<String> standIn) {
    Needed(String key, String path, String what, String... standIn) {
      this(key, path, what, List.of(standIn));
    }

    /** Complains if the problem still asks for it and it is not there. */
    void check(Map<?, ?> problem) {
      if (path.equals(problem.get(key)) && !Files.exists(Path.of(path))) {
        throw new InvalidInputException(
                "'%s' is not there: %s, which you must bring.".formatted(path, what),
                "--set problem.%s=PATH names it elsewhere; --set %s does without."
                    .formatted(
                        key, String.join(" --set ", standIn.stream().map(Needed::quoted).toList())))
            .atKey("problem." + key);
      }
    }

    /** As a shell takes it: some expand brackets. */
    private static String quoted(String assignment) {
      String whole = "problem." + assignment;
      return whole.contains("[") ? "'" + whole + "'" : whole;
    }
  }

  /** All presets. */
  public static List<Preset> all() {
    return ALL;
  }

  /** The preset of this name, or null. */
  public static @Nullable Preset find(String name) {
    return ALL.stream().filter(preset -> preset.name().equals(name)).findFirst().orElse(null);
  }

  /** The preset of this name, which exists. */
  static Preset named(String name) {
    return java.util.Objects.requireNonNull(find(name));
  }

  private static Map<String, ?> auc(Map<String, ?> options, long steps) {
    var problem = new LinkedHashMap<String, Object>(options);
    problem.put("type", "deep-auc");
    if (steps < 100) {
      problem.putAll(Map.of("hidden", 8, "maxTokens", 16, "batch", 32, "upperBatch", 32));
    }
    return Map.of(
        "problem",
        problem,
        "algorithm",
        Map.of("type", "slip"),
        "steps",
        steps,
        "evaluateEvery",
        Math.max(10, steps / 10));
  }

  private static Map<String, Object> tweets(int train, int test, String testFile) {
    return new LinkedHashMap<>(
        Map.of(
            "data", TWEETS,
            "test", testFile,
            "imratio", 0.8,
            "trainSize", train,
            "testSize", test));
  }

  /** The sizes of AccBO's script: 25 epochs of 2,500 tweets in batches of 32. */
  private static Map<String, ?> aucOfThePaper() {
    Map<String, Object> problem = tweets(5_000, 0, TWEETS_TEST);
    problem.put("positive", "positive");
    return accBo(problem);
  }

  /** As {@link #aucOfThePaper}, on reviews: no publication has this experiment. */
  private static Map<String, ?> aucOfReviews() {
    return accBo(Map.of("data", REVIEWS, "trainSize", 5_000, "testSize", 2_000));
  }

  private static Map<String, ?> accBo(Map<String, ?> data) {
    var problem = new LinkedHashMap<String, Object>(data);
    problem.put("type", "deep-auc");
    problem.putAll(network(List.of(1024, 1024)));
    problem.put("pooling", "max");
    problem.put("logits", 2);
    problem.put("batch", 32);
    problem.put("upperBatch", 32);
    var algorithm =
        Map.of(
            "type", "accbo",
            "upperLr", 5e-3,
            "lowerLr", 5e-3,
            "neumannStep", 0.1,
            "sampling", "independent");
    return Map.of("problem", problem, "algorithm", algorithm, "steps", 1_975, "evaluateEvery", 79);
  }

  /** Tasks of 50 reviews from one of 14 domains or more; the test is on eight others. */
  private static Map<String, ?> reviews(Map<String, ?> options, long steps) {
    var problem = new LinkedHashMap<String, Object>();
    problem.putAll(Map.of("type", "regularization", "data", REVIEWS, "testSize", 0));
    problem.putAll(Map.of("trainSize", 0, "taskSize", 50, "batch", 100, "upperBatch", 100));
    problem.put("form", "softplus");
    problem.put(
        "heldOut",
        List.of(
            "automotive",
            "computer & video games",
            "office products",
            "outdoor living",
            "software",
            "sports & outdoors",
            "toys & games",
            "video"));
    problem.putAll(options);
    return Map.of(
        "problem",
        problem,
        "algorithm",
        Map.of("type", "slip"),
        "steps",
        steps,
        "evaluateEvery",
        Math.max(10, steps / 10));
  }

  /** BO-REP's script: one epoch, and a strength that starts at 0 and is a plain number. */
  private static Map<String, ?> reviewsOfThePaper() {
    Map<String, Object> options = network(List.of(512, 512));
    options.putAll(Map.of("hidden", 2048, "batch", 500, "upperBatch", 500, "maxTokens", 256));
    options.putAll(Map.of("form", "plain", "x0", 0));
    var all = new LinkedHashMap<String, Object>(reviews(options, 20));
    all.put("pieces", 10);
    all.put(
        "algorithm",
        Map.of(
            "type",
            "bo-rep",
            "upperLr",
            1e-4,
            "lowerLr",
            2e-3,
            "linearSystemLr",
            1e-2,
            "lowerSteps",
            3,
            "period",
            3));
    return all;
  }

  private static Map<String, ?> cleaning(
      Map<String, ?> options, Map<String, ?> algorithm, long steps) {
    var problem = new LinkedHashMap<String, Object>(options);
    problem.put("type", "data-cleaning");
    return Map.of(
        "problem",
        problem,
        "algorithm",
        algorithm,
        "steps",
        steps,
        "evaluateEvery",
        Math.max(10, steps / 12));
  }

  private static Map<String, ?> cleanTweets(Map<String, ?> sizes, long steps) {
    var problem = new LinkedHashMap<String, Object>(sizes);
    problem.putAll(Map.of("data", TWEETS, "noise", "uniform", "noiseRate", 0.4));
    problem.putAll(Map.of("model", "rnn", "maxTokens", 20));
    return cleaning(problem, Map.of("type", "slip"), steps);
  }

  /** SLIP's script: 25 epochs in batches of 512. The sizes of the sets are nowhere stated. */
  private static Map<String, ?> cleanTweetsOfThePaper() {
    var problem = network(List.of(1024, 1024));
    problem.putAll(Map.of("data", TWEETS, "noise", "uniform", "noiseRate", 0.4));
    problem.putAll(Map.of("model", "rnn", "batch", 512, "upperBatch", 512));
    problem.putAll(Map.of("trainSize", 100_000, "trustedSize", 10_000, "testSize", 10_000));
    return cleaning(problem, SLIP_OF_TWEETS, 4_900, 16);
  }

  /** SLIP's network and step sizes, 25 epochs, on WordNet: no publication has this experiment. */
  private static Map<String, ?> cleanTopicsAsThePaper() {
    var problem = network(List.of(1024, 1024));
    problem.putAll(Map.of("model", "rnn", "batch", 512, "upperBatch", 512));
    return cleaning(problem, SLIP_OF_TWEETS, 500, 16);
  }

  private static Map<String, ?> cleanPairs(Map<String, ?> sizes, long steps) {
    var problem = new LinkedHashMap<String, Object>(sizes);
    problem.putAll(Map.of("data", SNLI + "train.jsonl", "noise", "uniform", "noiseRate", 0.1));
    problem.putAll(Map.of("model", "pair", "grouping", "text", "maxTokens", 20));
    problem.put("regularization", 1e-3);
    return cleaning(problem, Map.of("type", "slip"), steps);
  }

  /** AccBO's script: 20 epochs of 10,000 pairs in batches of 128; with a head of three classes. */
  private static Map<String, ?> cleanPairsOfThePaper() {
    var problem = network(List.of(4096));
    problem.putAll(
        Map.of(
            "data",
            SNLI + "train.jsonl",
            "trusted",
            SNLI + "dev.jsonl",
            "test",
            SNLI + "test.jsonl"));
    problem.putAll(Map.of("noise", "uniform", "noiseRate", 0.1));
    problem.putAll(Map.of("model", "pair", "batch", 128, "upperBatch", 128));
    problem.putAll(Map.of("trainSize", 10_000, "trustedSize", 1_000, "testSize", 1_000));
    var algorithm =
        Map.of(
            "type", "accbo",
            "variant", "periodic",
            "upperLr", 0.1,
            "lowerLr", 0.1,
            "neumannStep", 1e-2,
            "extrapolation", 0.1);
    return cleaning(problem, algorithm, 1_580, 8);
  }

  private static Map<String, ?> cleaning(
      Map<String, ?> options, Map<String, ?> algorithm, long steps, int pieces) {
    return with(cleaning(options, algorithm, steps), Map.of("pieces", pieces));
  }

  /** Two layers of 4,096 over 300 numbers a word, as the papers have it. */
  private static Map<String, Object> network(List<Integer> head) {
    var options = new LinkedHashMap<String, Object>();
    options.put("vectors", GLOVE);
    options.put("hidden", 4096);
    options.put("layers", 2);
    options.put("headHidden", head);
    options.put("maxTokens", 64);
    return options;
  }

  private static Map<String, ?> wordNet(Map<String, Integer> sizes, long steps) {
    var problem = new LinkedHashMap<String, Object>(sizes);
    problem.put("type", "data-cleaning");
    return Map.of("problem", problem, "algorithm", Map.of("type", "slip"), "steps", steps);
  }

  /** A problem with some options, SLIP on it, and the others at their defaults. */
  private static Map<String, ?> preset(String type, Map<String, ?> options, long steps) {
    var problem = new LinkedHashMap<String, Object>();
    problem.put("type", type);
    problem.putAll(options);
    return Map.of(
        "problem",
        problem,
        "algorithm",
        Map.of("type", "slip"),
        "steps",
        steps,
        "evaluateEvery",
        Math.max(10, steps / 100));
  }

  /** MGBiO's experiments, with a step size of 0.01: no publication states theirs. */
  private static Map<String, ?> huang(
      String type, Map<String, ?> options, String algorithm, long steps) {
    return with(
        preset(type, options, steps),
        Map.of("algorithm", Map.of("type", algorithm, "upperLr", 0.01, "lowerLr", 0.01)));
  }

  private static Map<String, Object> amazon(
      List<String> heldOut, int tasks, int testTasks, int taskBatch) {
    return sized(
        Map.of("data", REVIEWS, "split", "domains", "heldOut", heldOut),
        tasks,
        testTasks,
        taskBatch,
        10);
  }

  private static Map<String, Object> snli(String part, int tasks, int testTasks, int taskBatch) {
    return sized(
        Map.of("data", SNLI + part + ".jsonl", "split", "premises"),
        tasks,
        testTasks,
        taskBatch,
        10);
  }

  private static Needed snliFile(String key, String part) {
    return new Needed(
        key,
        SNLI + part + ".jsonl",
        "the %s pairs of the Stanford corpus SNLI".formatted(part),
        key.equals("test") ? List.of("test=") : List.of("data=wordnet-pairs"));
  }

  private static Map<String, Object> trec(String split, int tasks, int testTasks, int taskBatch) {
    return sized(
        Map.of("data", TREC + "train_5500.label", "split", split), tasks, testTasks, taskBatch, 5);
  }

  /** Tasks of two classes, with as many queries as shots. */
  private static Map<String, Object> sized(
      Map<String, ?> source, int tasks, int testTasks, int taskBatch, int shots) {
    var sizes = new LinkedHashMap<String, Object>(source);
    sizes.put("ways", 2);
    sizes.put("shots", shots);
    sizes.put("queries", shots);
    sizes.put("tasks", tasks);
    sizes.put("testTasks", testTasks);
    sizes.put("taskBatch", taskBatch);
    return sizes;
  }

  /** It learns its word vectors; outputs are normalised, hence long, and are made shorter. */
  private static Map<String, Object> transformer(int hidden, int layers) {
    return with(
        Map.of("encoder", "transformer", "pooling", "mean", "featureScale", 0.25),
        Map.of("hidden", hidden, "layers", layers, "attentionHeads", 2, "inner", 2 * hidden));
  }

  private static Map<String, Object> with(Map<String, ?> options, Map<String, ?> more) {
    var all = new LinkedHashMap<String, Object>(options);
    all.putAll(more);
    return all;
  }

  private static Map<String, ?> fewShot(
      Map<String, ?> tasks, Map<String, ?> network, Map<String, ?> rest, long steps) {
    var problem = with(with(tasks, network), rest);
    problem.put("type", "hyper-representation");
    return Map.of(
        "problem",
        problem,
        "algorithm",
        Map.of("type", "slip"),
        "steps",
        steps,
        "evaluateEvery",
        Math.max(1, steps / 4));
  }

  /**
   * The published sizes of a recurrent network and its head, one head for all tasks as in the
   * scripts, and their step sizes; on a test task those times 100, or 10 for pairs.
   */
  private static Map<String, ?> published(
      Map<String, ?> tasks, Map<String, ?> algorithm, double testLr, long steps) {
    Map<String, Object> network = network(List.of(1024, 1024));
    network.put("maxTokens", 100);
    if ("premises".equals(tasks.get("split"))) {
      network.put("projection", 4096); // of the four vectors of a pair
    }
    var rest = Map.of("heads", "shared", "regularization", 1e-4, "testLr", testLr);
    return with(fewShot(tasks, network, rest, steps), Map.of("algorithm", algorithm, "pieces", 10));
  }

  /** The published transformer, which starts at random, with a linear head. */
  private static Map<String, ?> bert(Map<String, ?> tasks) {
    var experiment =
        new LinkedHashMap<String, Object>(
            fewShot(
                tasks,
                Map.of(
                    "encoder", "transformer",
                    "pooling", "first",
                    "hidden", 768,
                    "layers", 8,
                    "attentionHeads", 8,
                    "inner", 2048,
                    "tokenizer", "minilm", // BERT's
                    "maxTokens", 127),
                // a normalised feature vector is long: a head bears small steps only
                Map.of("heads", "shared", "regularization", 1e-4, "testLr", 0.01),
                500));
    experiment.put(
        "algorithm",
        Map.of(
            "type", "adambo",
            "upperLr", 5e-3,
            "lowerLr", 1e-4,
            "neumannTerms", 3,
            "neumannStep", 1e-4));
    experiment.put("pieces", 5);
    return experiment;
  }

  private static Map<String, ?> quadratic(long steps) {
    return Map.of(
        "problem",
        Map.of(
            "type", "quadratic",
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "d", List.of(3),
            "E", List.of(List.of(1)),
            "x0", List.of(1)),
        "algorithm",
        Map.of("type", "slip", "upperLr", 0.05, "linearSystemLr", 0.1),
        "steps",
        steps);
  }
}
