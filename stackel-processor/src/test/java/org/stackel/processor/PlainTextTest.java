package org.stackel.processor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a  b                              | a b
          {@code x}                         | x
          {@code a < b & c}                 | a < b & c
          {@code {a}} b                     | {a} b
          {@literal @x}                     | @x
          {@link A}                         | A
          {@link a.b.A}                     | A
          {@link A#b}                       | b
          {@link #b(int, String)}           | b
          {@link A#b(int, String) the b}    | the b
          {@linkplain A#b a {@code c}}      | a c
          {@value #LEAST}                   | LEAST
          {@summary One {@code x}.} Two     | One x. Two
          {@inheritDoc} a                   | a
          x<sub>0</sub>                     | x₀
          x<sub>max</sub>                   | xₘₐₓ
          x<sub>i,j</sub>                   | x_(i,j)
          y<sup>*</sup>                     | y^*
          A<sup>T</sup>, 10<sup>-3</sup>    | Aᵀ, 10⁻³
          <b>a</b><br>b <i title="c">d</i>  | a b d
          a<!-- b -->c                      | ac
          a < b, c<5                        | a < b, c<5
          a <b                              | a <b
          &lt;&alpha;&middot;&le;&nbsp;&gt; | <α·≤ >
          &#945; &#x3b1; &Omega; &aacute;   | α α Ω á
          &unknown; & &;                    | &unknown; & &;
          {@code a                          | a
          """)
  void markupBecomesText(String javadoc, String text) {
    assertThat(PlainText.of(javadoc)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          One. Two.                  | One.
          One                        | One
          {@code a. b} c. D.         | a. b c.
          Φ = 0.5 x. More            | Φ = 0.5 x.
          One<p>Two.                 | One
          <p>One. Two                | One.
          """)
  void theFirstSentenceEndsAtAPeriodBeforeWhiteSpace(String javadoc, String text) {
    assertThat(PlainText.firstSentence(javadoc)).isEqualTo(text);
  }

  @Test
  void blockTagsBeginALine() {
    DocComment comment =
        DocComment.of(
            """
            Main text, mail a@b.c.
             {@code
             @notATag}
            @param a first
                line {@code
                @inside} and
                more
            @param <T> a type
            @see b
            @param empty
            @param c last
            """);
    assertThat(PlainText.of(comment.main())).isEqualTo("Main text, mail a@b.c. @notATag");
    assertThat(comment.params())
        .containsEntry("a", "first line @inside and more")
        .containsEntry("c", "last")
        .containsEntry("empty", "")
        .hasSize(4);
    assertThat(DocComment.of(null).params()).isEmpty();
  }
}
