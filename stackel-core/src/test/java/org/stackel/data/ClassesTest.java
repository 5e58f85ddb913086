package org.stackel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.stackel.config.InvalidInputException;

class ClassesTest {
  @Test
  void sortsNames() {
    var labels = List.of("pos", "neg", "pos");
    Classes classes = Classes.of(labels);
    assertThat(classes.names()).containsExactly("neg", "pos");
    assertThat(classes.size()).isEqualTo(2);
    assertThat(classes.name(1)).isEqualTo("pos");
    assertThat(classes.id("neg")).isZero();
    assertThat(classes.ids(labels)).containsExactly(1, 0, 1);
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
