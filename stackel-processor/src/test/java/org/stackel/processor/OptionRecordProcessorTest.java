package org.stackel.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.Processor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptionRecordProcessorTest {
  private static final String IMPORTS =
      """
      package a;
      import java.util.List;
      import library.Schedule;
      import org.jspecify.annotations.Nullable;
      import org.stackel.config.*;
      """;

  private static final String SLIP =
      IMPORTS
          + """
          /**
           * An algorithm.
           *
           * @param upperLr η, length of the step of x
           * @param momentum β in [0, 1)
           * @param warmLr first of {@code upperLr} if left out
           * @param radius none if left out
           * @param steps at least 1
           * @param widths of layers
           * @param words some
           * @param rows a matrix
           * @param inner more
           * @param other nothing, or more
           */
          @OptionRecord
          public record Slip(
              Schedule upperLr,
              double momentum,
              @Nullable Schedule warmLr,
              @Nullable Double radius,
              long steps,
              List<Integer> widths,
              List<@Nullable String> words,
              List<List<Double>> rows,
              Inner inner,
              @Nullable Inner other) implements SlipBuilder.With {
            /** Defaults. */
            public Slip() {
              this(
                  Schedule.constant(1), 0.5, null, null, 1, List.of(), List.of(), List.of(),
                  new Inner(0), null);
            }

            /**
             * Defaults.
             * @return builder
             */
            public static SlipBuilder builder() {
              return SlipBuilder.of(new Slip());
            }

            /**
             * Inner options.
             *
             * @param size of it
             */
            @OptionRecord
            public record Inner(long size) implements SlipInnerBuilder.With {
              /** Seven. */
              public Inner() {
                this(7);
              }
            }
          }
          """;

  @TempDir private Path directory;

  private static String use(String expression) {
    return IMPORTS
        + "class Use { static String run() { return String.valueOf(%s); } }".formatted(expression);
  }

  private String run(String record, String expression)
      throws ReflectiveOperationException, IOException {
    Compilation compiled = Compilation.of(directory, record, use(expression));
    assertThat(compiled.messages()).isEmpty();
    return compiled.run();
  }

  @Test
  void aBuilderStartsFromTheDefaults() throws Exception {
    assertThat(run(SLIP, "Slip.builder().build().equals(new Slip())")).isEqualTo("true");
  }

  @Test
  void aBuilderSetsEveryKindOfOption() throws Exception {
    assertThat(
            run(
                SLIP,
                """
                Slip.builder()
                    .upperLr(0.05)
                    .momentum(0)
                    .warmLr(new Schedule(2))
                    .radius(3)
                    .steps(4)
                    .widths(64, 32)
                    .words(List.of("x"))
                    .rows(List.of(List.of(1.0)))
                    .inner(i -> i.size(5))
                    .other(i -> i)
                    .build()
                """))
        .isEqualTo(
            "Slip[upperLr=Schedule[value=0.05], momentum=0.0, warmLr=Schedule[value=2.0],"
                + " radius=3.0, steps=4, widths=[64, 32], words=[x], rows=[[1.0]],"
                + " inner=Inner[size=5], other=Inner[size=7]]");
  }

  @Test
  void whatMayBeLeftOutTakesNull() throws Exception {
    assertThat(run(SLIP, "Slip.builder().radius(3).radius(null).build().radius()"))
        .isEqualTo("null");
    Class<?> builder = Compilation.of(directory, SLIP).type("a.SlipBuilder");
    assertThat(
            builder
                .getMethod("radius", Double.class)
                .getAnnotatedParameterTypes()[0]
                .isAnnotationPresent(Nullable.class))
        .isTrue();
    var words = builder.getMethod("words", List.class).getAnnotatedParameterTypes()[0];
    assertThat(words.isAnnotationPresent(Nullable.class)).isFalse();
    assertThat(
            ((AnnotatedParameterizedType) words)
                .getAnnotatedActualTypeArguments()[0].isAnnotationPresent(Nullable.class))
        .isTrue();
  }

  @Test
  void withersCopyWithOneChangeOrSeveral() throws Exception {
    assertThat(
            run(
                SLIP,
                """
                new Slip().withUpperLr(0.1).withWidths(1).withInner(i -> i.size(2))
                    .with(b -> b.momentum(0.9).steps(9)).withInner(new Slip.Inner(3).withSize(4))
                """))
        .isEqualTo(
            "Slip[upperLr=Schedule[value=0.1], momentum=0.9, warmLr=null, radius=null, steps=9,"
                + " widths=[1], words=[], rows=[], inner=Inner[size=4], other=null]");
  }

  private static final String GROUPS =
      IMPORTS
          + """
          /**
           * @param before first
           * @param noise what is wrong
           * @param after last
           */
          @OptionRecord
          record Owner(int before, @Inline Noise noise, int after) implements OwnerBuilder.With {
            Owner() {
              this(1, new Noise(2, new Rate(Schedule.constant(3), null)), 4);
            }
          }

          /**
           * @param draws how often
           * @param rate how much
           */
          @OptionRecord
          record Noise(@Alias("times") int draws, @Inline Rate rate) {
            Noise {
              if (draws > rate.value().value()) {
                throw new IllegalArgumentException("too many");
              }
            }
          }

          /**
           * @param value probability
           * @param most largest
           */
          @OptionRecord
          record Rate(Schedule value, @Nullable Double most) {}
          """;

  @Test
  void optionsOfGroupsAreOptionsOfTheOwner() throws Exception {
    assertThat(
            run(
                GROUPS,
                """
                OwnerBuilder.of(new Owner()).draws(5).value(6).most(7).after(8).build()
                    .withMost(null).withRate(new Rate(new Schedule(9), 1.0)).withValue(10)
                """))
        .isEqualTo(
            "Owner[before=1, noise=Noise[draws=5, rate=Rate[value=Schedule[value=10.0],"
                + " most=1.0]], after=8]");
    assertThat(Compilation.of(directory, GROUPS).file("a/OwnerBuilder.java"))
        .contains("Sets {@code draws}: how often.", "Sets all of {@code noise}: what is wrong.");
  }

  @Test
  void aGroupFromAnotherModuleIsPointedTo() throws Exception {
    Compilation.of(
        directory,
        """
        package b;
        import org.stackel.config.*;
        /** @param rate how much */
        @OptionRecord
        public record Group(@Alias("old") double rate) {}
        """);
    String owner =
        """
        package a;
        import b.Group;
        import org.stackel.config.*;
        /** @param group some */
        @OptionRecord
        record Owner(@Inline Group group) implements OwnerBuilder.With {}
        """;
    Compilation compiled =
        Compilation.of(directory, owner, use("new Owner(new b.Group(1)).withRate(0.5)"));
    assertThat(compiled.messages()).isEmpty();
    assertThat(compiled.run()).isEqualTo("Owner[group=Group[rate=0.5]]");
    assertThat(compiled.file("a/OwnerBuilder.java"))
        .contains("Sets {@code rate}: see {@link Group#rate()}.");
    assertThat(
            Compilation.of(
                    directory,
                    owner
                        .replace("group some", "group some\n@param old x")
                        .replace("Group g", "Group group, int old) {} //"))
                .messages())
        .singleElement()
        .asString()
        .contains("Owner has two options called old");
  }

  @Test
  void descriptionsAreKept() {
    Compilation compiled =
        Compilation.of(
            directory,
            IMPORTS
                + """
                class Outer {
                  /**
                   * Doc.
                   *
                   * @param kind which {@link Kind}, a\\ &lt; 1
                   * @param kinds others:
                   *     several
                   * @param far elsewhere
                   */
                  @OptionRecord
                  record Sample(Kind kind, List<Kind> kinds, Far far) {}

                  enum Kind {
                    /** The first, φ. Not the last. */
                    ONE,
                    TWO,
                    /** {@code 3} */
                    DARK_THREE { }
                  }
                }
                """,
            IMPORTS
                + """
                @OptionRecord
                enum Far {
                  /** Left. @since 1 */
                  LEFT
                }
                """);
    assertThat(compiled.messages()).isEmpty();
    assertThat(compiled.file("META-INF/stackel/options/a.Outer$Sample.properties"))
        .isEqualTo(
            """
            kind=which Kind, a\\\\ < 1
            kind.ONE=The first, φ.
            kind.DARK_THREE=3
            kinds=others: several
            kinds.ONE=The first, φ.
            kinds.DARK_THREE=3
            far=elsewhere
            """);
    assertThat(compiled.file("META-INF/stackel/options/a.Far.properties"))
        .isEqualTo("LEFT=Left.\n");
  }

  /** What users with stricter settings would see. */
  @Test
  void generatedCodeHasNoWarnings() {
    String nasty =
        SLIP.replace("more\n", "a &lt; b &amp; c &gt; d */ {@code @x} {@code \\\\u0041} { [a] é.\n")
            .replace(" */ ", " *&#47; ");
    assertThat(
            Compilation.of(directory, List.of(), List.of("-Xdoclint:all/protected"), nasty)
                .messages())
        .isEmpty();
    assertThat(Compilation.of(directory, nasty).file("a/SlipBuilder.java"))
        .contains("Sets {@code inner}: a &lt; b &amp; c &gt; d *&#47; &#64;x &#92;&#92;u0041")
        .contains("@Generated(\"org.stackel.processor.OptionRecordProcessor\")");
  }

  @Test
  void buildersAreAsVisibleAsTheirRecords() throws Exception {
    Compilation compiled = Compilation.of(directory, SLIP, GROUPS);
    assertThat(compiled.type("a.SlipInnerBuilder").getModifiers()).matches(Modifier::isPublic);
    assertThat(compiled.type("a.SlipBuilder$With").getModifiers()).matches(Modifier::isPublic);
    assertThat(compiled.type("a.OwnerBuilder").getModifiers()).matches(m -> !Modifier.isPublic(m));
    assertThat(compiled.type("a.OwnerBuilder$With").getModifiers())
        .matches(m -> !Modifier.isPublic(m));
  }

  @Test
  void namesThatMeanSomethingElseAreNoObstacle() throws Exception {
    assertThat(
            run(
                """
                package a;
                import org.stackel.config.OptionRecord;
                /**
                 * @param a lists
                 * @param b lists
                 * @param from entry
                 * @param d matrix
                 * @param D matrix
                 */
                @OptionRecord
                record List(
                    java.util.List<List> a,
                    Double b,
                    java.util.Map.Entry<java.lang.Double, With> from,
                    int d,
                    int D) implements ListBuilder.With {
                  static List of() {
                    return new List(java.util.List.of(), new Double(), null, 1, 2);
                  }
                }
                record Double() {}
                record With() {}
                """,
                "a.List.of().withA(a.List.of()).withd(3).withD(4)"))
        .isEqualTo(
            "List[a=[List[a=[], b=Double[], from=null, d=1, D=2]], b=Double[], from=null, d=3, D=4]");
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of(
            "@OptionRecord class Wrong {}",
            "@OptionRecord is for records and enums, but Wrong is neither: write `record Wrong(…)`."),
        Arguments.of(
            "/** @param a first */ @OptionRecord record Wrong(int a, int b) {}",
            "The option b of Wrong has no description: write `@param b …` in the Javadoc of Wrong."),
        Arguments.of(
            "/** @param a first */ @OptionRecord record Wrong<T>(int a) {}",
            "The option record Wrong has type parameters, which have no values in JSON: remove them."),
        Arguments.of(
            "class Outer { /** @param a first */ @OptionRecord private record Wrong(int a) {} }",
            "The option record Wrong is private, and its builder could not see it: remove `private`."),
        Arguments.of(
            """
            /** @param draws first
             * @param noise second */
            @OptionRecord record Wrong(int draws, @Inline Noise noise) {}
            """,
            "Wrong has two options called draws, the second one in noise: rename one of them, or remove"
                + " @Inline or @Alias."),
        Arguments.of(
            """
            /** @param noise first
             * @param a second */
            @OptionRecord record Wrong(@Inline Noise noise, @Alias({"b", "times"}) int a) {}
            """,
            "Wrong has two options called times, the second one in a: rename one of them, or remove"
                + " @Inline or @Alias."),
        Arguments.of(
            "/** @param a first */ @OptionRecord record Wrong(@Inline Schedule a) {}",
            "The type of the inlined a of Wrong must be a record with @OptionRecord: annotate it, or remove @Inline."),
        Arguments.of(
            "/** @param a first */ @OptionRecord record Wrong(@Inline int a) {}",
            "The type of the inlined a of Wrong must be a record with @OptionRecord: annotate it, or remove @Inline."),
        Arguments.of(
            "/** @param a first */ @OptionRecord record Wrong(@Inline @Nullable Rate a) {}",
            "The inlined a of Wrong cannot be left out as a whole: remove @Nullable."),
        Arguments.of(
            "/** @param a first */ @OptionRecord record Wrong(@Inline @Alias(\"b\") Rate a) {}",
            "The inlined a of Wrong is no key and has no other name: move @Alias to its components."),
        Arguments.of(
            "/** @param a first */ @OptionRecord record Wrong(@Inline Wrong a) {}",
            "The inlined a of Wrong contains itself: remove @Inline."),
        Arguments.of(
            "/** @param a first */ @OptionRecord record Wrong(int a) {} class WrongBuilder {}",
            "a.WrongBuilder cannot be written: Attempt to recreate a file for type a.WrongBuilder"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsAnErrorThatSaysWhatToWrite(String source, String message) {
    assertThat(Compilation.of(directory, GROUPS, IMPORTS + source).messages())
        .anyMatch(each -> each.contains(message));
  }

  @Test
  void allMissingDescriptionsAreNamedAtOnceWithTheirPlace() {
    String source =
        IMPORTS + "@OptionRecord record Wrong(int a, int b) implements WrongBuilder.With {}";
    assertThat(Compilation.of(directory, source).messages())
        .hasSize(2)
        .allMatch(each -> each.startsWith("/a/Wrong.java:6: error: The option "));
  }

  /** Makes the class {@code a.Made}. */
  @SupportedAnnotationTypes("*")
  private static final class Maker extends AbstractProcessor {
    private boolean isMade;

    @Override
    public SourceVersion getSupportedSourceVersion() {
      return SourceVersion.latestSupported();
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
      if (!isMade) {
        isMade = true;
        try (Writer out = processingEnv.getFiler().createSourceFile("a.Made").openWriter()) {
          out.write("package a; record Made(int value) {}");
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return false;
    }
  }

  @Test
  void aTypeThatAnotherProcessorMakesIsWaitedFor() throws Exception {
    String record =
        IMPORTS
            + """
            /** @param made made
              * @param list of them */
            @OptionRecord
            record Waiting(Made made, List<Made> list) implements WaitingBuilder.With {}
            """;
    Compilation compiled =
        Compilation.of(
            directory,
            List.of(new Maker()),
            List.of(),
            record,
            use("new Waiting(new Made(1), List.of()).withMade(new Made(2)).withList(new Made(3))"));
    assertThat(compiled.messages()).isEmpty();
    assertThat(compiled.run()).isEqualTo("Waiting[made=Made[value=2], list=[Made[value=3]]]");
  }

  @Test
  void theCompilerFindsTheProcessor() {
    assertThat(ServiceLoader.load(Processor.class))
        .anyMatch(each -> each instanceof OptionRecordProcessor);
  }
}
