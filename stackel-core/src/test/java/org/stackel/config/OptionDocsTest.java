package org.stackel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.stackel.algorithm.Galet;
import org.stackel.config.OptionDoc.Value;
import org.stackel.optim.Schedule;
import org.stackel.synthetic.Toy;

class OptionDocsTest {
  @OptionRecord
  enum Color {
    /** Red, {@code #f00}. Not green. */
    RED,
    DARK_BLUE
  }

  /** Not a record or a word. */
  record Pair(int a, int b) implements Option {
    public static String kind() {
      return "two numbers with a colon";
    }

    /** Two of them in words. */
    public static List<Value> values() {
      return List.of(new Value("1:1", "Even."), new Value("1:2", "Odd."));
    }

    @Override
    public Object toOption() {
      return a + ":" + b;
    }
  }

  record Point(int x, int y) implements Option {
    @Override
    public Object toOption() {
      return List.of(x, y);
    }
  }

  /**
   * Every kind.
   *
   * @param text a text
   * @param loud a truth
   * @param size a size
   * @param rows a matrix
   * @param colors {@link Color colours}
   * @param pair two
   * @param point where
   * @param rates lists
   * @param inner an object
   * @param other an object or nothing
   */
  @OptionRecord
  record Sample(
      String text,
      boolean loud,
      @Nullable Integer size,
      List<List<Double>> rows,
      List<Color> colors,
      Pair pair,
      List<Point> point,
      List<Schedule> rates,
      Inner inner,
      @Nullable Inner other) {}

  /**
   * Inside.
   *
   * @param depth of it
   * @param deeper a group
   */
  @OptionRecord
  record Inner(double depth, @Inline Deeper deeper) {
    Inner() {
      this(1, new Deeper(List.of("w")));
    }
  }

  /**
   * A group.
   *
   * @param words some
   */
  @OptionRecord
  record Deeper(List<String> words) {}

  /** As a plug-in that knows no processor has it. */
  record Plain(@Inline PlainGroup group, Color color) {
    Plain() {
      this(new PlainGroup(Schedule.constant(1)), Color.RED);
    }
  }

  record PlainGroup(Schedule lr) {}

  private static OptionDoc doc(OptionDocs docs, String path) {
    return docs.find(path, "it");
  }

  @Test
  void anAlgorithmIsDescribed() {
    OptionDocs galet = OptionDocs.of(Galet.class);
    assertThat(galet.options())
        .extracting(OptionDoc::key)
        .containsExactlyElementsOf(Options.toMap(new Galet()).keySet());
    assertThat(doc(galet, "lowerSteps"))
        .isEqualTo(
            new OptionDoc(
                "lowerSteps",
                "whole number",
                false,
                1L,
                "number of lower steps per upper-level step (N in the paper), at least 1",
                List.of(),
                List.of()));
    assertThat(doc(galet, "upperLr"))
        .isEqualTo(
            new OptionDoc(
                "upperLr",
                "schedule: a number or an object",
                false,
                0.05,
                "step size of x (α in the paper)",
                List.of(),
                List.of()));
    OptionDoc sampling = doc(galet, "sampling");
    assertThat(sampling.kind()).isEqualTo("one of independent, shared");
    assertThat(sampling.values()).extracting(Value::word).containsExactly("independent", "shared");
    assertThat(sampling.values()).allSatisfy(value -> assertThat(value.description()).isNotEmpty());
  }

  @Test
  void aProblemIsDescribed() {
    OptionDocs toy = OptionDocs.of(Toy.class);
    assertThat(doc(toy, "name").values()).contains(new Value("sine", "Φ = sin(sin x)."));
    assertThat(doc(toy, "x0"))
        .isEqualTo(
            new OptionDoc(
                "x0",
                "number",
                true,
                null,
                "start of x, any number; 10, 5, 1, 1 for the four functions if left out",
                List.of(),
                List.of()));
    OptionDoc noise = doc(toy, "noise");
    assertThat(noise.kind()).isEqualTo("object");
    assertThat(noise.fallback()).isEqualTo(Map.of("gradient", 0.0, "hessian", 0.0));
    assertThat(noise.options())
        .extracting(OptionDoc::key)
        .containsExactly("noise.gradient", "noise.hessian");
    assertThat(doc(toy, "noise.gradient").kind()).isEqualTo("number");
    assertThat(doc(OptionDocs.of(Toy.builder().x0(3).build()), "x0").fallback()).isEqualTo(3.0);
  }

  @Test
  void everyKindHasWords() {
    OptionDocs docs = OptionDocs.of(Sample.class);
    assertThat(docs.options())
        .extracting(OptionDoc::kind)
        .containsExactly(
            "text",
            "true or false",
            "whole number",
            "list of lists of numbers",
            "list of words among red, dark-blue",
            "two numbers with a colon",
            "list of points",
            "list of schedules: a number or an object",
            "object",
            "object");
    assertThat(doc(docs, "size").isOptional()).isTrue();
    assertThat(doc(docs, "colors").description()).isEqualTo("colours");
    assertThat(doc(docs, "colors").values())
        .containsExactly(new Value("red", "Red, #f00."), new Value("dark-blue", ""));
    assertThat(doc(docs, "pair").values())
        .containsExactly(new Value("1:1", "Even."), new Value("1:2", "Odd."));
    assertThat(doc(docs, "point").values()).isEmpty();
    assertThat(doc(docs, "text").fallback()).as("there is no instance").isNull();
  }

  @Test
  void pathsGoIntoObjects() {
    OptionDocs docs = OptionDocs.of(Sample.class);
    assertThat(doc(docs, "other.depth"))
        .isEqualTo(
            new OptionDoc("other.depth", "number", false, 1.0, "of it", List.of(), List.of()));
    assertThat(doc(docs, "other.words"))
        .isEqualTo(
            new OptionDoc(
                "other.words", "list of texts", false, List.of("w"), "some", List.of(), List.of()));
    assertThatThrownBy(() -> docs.find("inner.dept", "it"))
        .hasMessage(
            "The key 'dept' is unknown to inner of it.\n"
                + "Maybe 'depth' was meant; inner of it knows depth, words.");
    assertThatThrownBy(() -> docs.find("text.x", "it"))
        .hasMessageContaining("The key 'x' is unknown to text of it.")
        .hasMessageContaining("text of it has no keys");
  }

  @Test
  void withoutTheProcessorDescriptionsAreEmpty() {
    assertThat(OptionDocs.of(Plain.class).options())
        .containsExactly(
            new OptionDoc(
                "lr", "schedule: a number or an object", false, 1.0, "", List.of(), List.of()),
            new OptionDoc(
                "color",
                "one of red, dark-blue",
                false,
                "red",
                "",
                List.of(new Value("red", "Red, #f00."), new Value("dark-blue", "")),
                List.of()));
  }

  @Test
  void buildersOfTheCatalogueTakeNumbersForSchedules() {
    Galet galet = Galet.builder().upperLr(0.05).lowerSteps(2).build();
    assertThat(galet).isEqualTo(Options.bind(new Galet(), Map.of("lowerSteps", 2), "galet"));
    assertThat(galet.withUpperLr(0.1).upperLr()).isEqualTo(Schedule.constant(0.1));
    assertThatThrownBy(() -> galet.withLowerSteps(0))
        .hasMessageContaining("The lowerSteps (0) of galet must be at least 1.");
  }
}
