package org.stackel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.stackel.config.InvalidInputException;
import org.stackel.text.Example;

class ClassesTest {
  @Test
  void sortsNames() {
    var examples =
        List.of(
            new Example("a", null, "pos", ""),
            new Example("b", null, "neg", ""),
            new Example("c", null, "pos", ""));
    Classes classes = Classes.of(examples);
    assertThat(classes.names()).containsExactly("neg", "pos");
    assertThat(classes.size()).isEqualTo(2);
    assertThat(classes.name(1)).isEqualTo("pos");
    assertThat(classes.id("neg")).isZero();
    assertThat(classes.ids(examples)).containsExactly(1, 0, 1);
    assertThat(Classes.of(Set.of("pos", "neg"))).isEqualTo(classes);
  }

  @Test
  void namesTheNearest() {
    assertThatThrownBy(() -> Classes.of(Set.of("pos", "neg")).id("ngg"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The class 'ngg' is unknown")
        .hasMessageContaining("Maybe 'neg' was meant.");
  }
}
