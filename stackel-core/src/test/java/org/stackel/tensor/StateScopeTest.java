package org.stackel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StateScopeTest {
  private static final int BIG = 5_000_000; // 40 MB: beyond what malloc hoards

  record Pair(Tensor a, Tensor b) {}

  record State(Tensor x, Pair inner, List<Tensor> many, @Nullable Tensor none, long count) {}

  private static Tensor number(double value) {
    return Tensors.of(Device.CPU64, value);
  }

  private static State state() {
    var pair = new Pair(number(2), number(3));
    return new State(number(1), pair, List.of(number(4), number(5)), null, 6);
  }

  @Test
  void freesWhatIsNotKept() {
    number(0); // loads what loads once
    long before = NativeObjects.settled();
    Tensor kept;
    try (var scope = StateScope.open()) {
      number(1);
      kept = scope.keep(number(2).add(number(3)));
      number(4);
    }
    assertThat(StateScope.livePointers()).isEqualTo(before + 1);
    assertThat(kept.isNull()).isFalse();
    assertThat(Tensors.item(kept)).isEqualTo(5);
    StateScope.release(kept);
    assertThat(StateScope.livePointers()).isEqualTo(before);
    assertThat(kept.isNull()).isTrue();
  }

  /** A thousand rounds of a state, one tensor of which never changes. */
  @Test
  void loopsKeepFewStates() {
    number(0);
    long before = NativeObjects.settled();
    long[] most = new long[1];
    try (var scope = StateScope.open()) {
      Tensor one = number(1);
      Pair last =
          StateScope.repeat(
              1000,
              new Pair(number(0), one),
              (i, at) -> {
                most[0] = Math.max(most[0], StateScope.livePointers() - before);
                return new Pair(at.a().add(at.b()).add(number(i)), at.b());
              });
      assertThat(Tensors.item(last.a())).isEqualTo(1000 + 999 * 500);
      assertThat(Tensors.item(last.b())).isEqualTo(1);
      Pair same = StateScope.repeat(0, last, (i, at) -> at);
      assertThat(same).isSameAs(last);
    }
    assertThat(most[0]).isLessThanOrEqualTo(6);
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  @Test
  void aNestedScopeGivesItsResultToTheOneAround() {
    number(0);
    long before = NativeObjects.settled();
    try (var scope = StateScope.open()) {
      Tensor outside = number(7);
      long here = StateScope.livePointers();
      Tensor sum =
          StateScope.nested(
              () -> {
                Tensor inside = number(1).add(number(2));
                Tensor deeper = StateScope.nested(() -> inside.add(number(3)));
                return deeper.add(outside);
              });
      assertThat(Tensors.item(sum)).isEqualTo(13);
      assertThat(StateScope.livePointers()).as("and the sum").isEqualTo(here + 1);
      Pair pair = StateScope.nested(() -> new Pair(number(4), outside));
      assertThat(Tensors.item(pair.a())).isEqualTo(4);
      assertThat(StateScope.livePointers()).isEqualTo(here + 2);
      assertThat(StateScope.nested(() -> outside)).isSameAs(outside);
      assertThat(StateScope.<@Nullable Tensor>nested(() -> null)).isNull();
    }
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  @Test
  void aNestedScopeNeedsOneAroundAndATensor() {
    // Scopes are a thread's own; this one has none, whatever ran on the test's thread before.
    assertThatThrownBy(CompletableFuture.supplyAsync(() -> StateScope.nested(() -> 1))::join)
        .hasCauseInstanceOf(IllegalStateException.class);
    try (var scope = StateScope.open()) {
      assertThatThrownBy(() -> StateScope.nested(() -> "word"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void keepsEveryTensorOfAState() {
    number(0);
    long before = NativeObjects.settled();
    State state;
    try (var scope = StateScope.open()) {
      state = scope.keep(state());
    }
    assertThat(StateScope.livePointers()).isEqualTo(before + 5);
    assertThat(StateScope.tensors(state).values())
        .extracting(Tensors::item)
        .containsExactly(1.0, 2.0, 3.0, 4.0, 5.0);
    StateScope.release(state);
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  @Test
  void aKeptTensorOutlivesOuterScopesToo() {
    Tensor kept;
    Tensor lost;
    try (var outer = StateScope.open()) {
      try (var inner = StateScope.open()) {
        kept = inner.keep(number(1));
        lost = number(2);
      }
      assertThat(lost.isNull()).isTrue();
      assertThat(Tensors.item(kept)).isEqualTo(1);
      lost = number(3);
    }
    assertThat(lost.isNull()).isTrue();
    assertThat(Tensors.item(kept)).isEqualTo(1);
    StateScope.release(kept);
    assertThat(kept.isNull()).isTrue();
  }

  /** A step that hands on its y unchanged: the new state is kept before the old one goes. */
  @Test
  void aTensorInTwoStatesLivesUntilBothAreReleased() {
    number(0);
    long before = NativeObjects.settled();
    Pair old;
    try (var scope = StateScope.open()) {
      old = scope.keep(new Pair(number(1), number(2)));
    }
    Pair next;
    try (var scope = StateScope.open()) {
      next = scope.keep(new Pair(number(3), old.b()));
    }
    StateScope.release(old);
    assertThat(old.a().isNull()).isTrue();
    assertThat(Tensors.item(next.b())).isEqualTo(2);
    StateScope.release(next);
    assertThat(next.b().isNull()).isTrue();
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  @Test
  void aTensorTwiceInOneStateIsKeptAndReleasedTwice() {
    number(0);
    long before = NativeObjects.settled();
    Pair twice;
    try (var scope = StateScope.open()) {
      Tensor shared = number(1);
      twice = scope.keep(new Pair(shared, shared));
    }
    assertThat(StateScope.livePointers()).isEqualTo(before + 1);
    StateScope.release(twice);
    assertThat(twice.a().isNull()).isTrue();
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  @Test
  void rejectsGraphsAndThenKeepsNothing() {
    number(0);
    long before = NativeObjects.settled();
    try (var scope = StateScope.open()) {
      var leaf = number(1).set_requires_grad(true);
      assertThatThrownBy(() -> scope.keep(new Pair(number(0), leaf.mul(leaf))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("'b'", "graph", "Maybe detach()");
      assertThatThrownBy(() -> scope.keep(leaf)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  @Test
  void namesTensorsByPath() {
    try (var scope = StateScope.open()) {
      assertThat(StateScope.tensors(state()))
          .containsOnlyKeys("x", "inner.a", "inner.b", "many.0", "many.1");
    }
  }

  @Test
  void rebuildsARecordAroundOtherTensors() {
    try (var scope = StateScope.open()) {
      State like = state();
      Map<String, Tensor> others =
          Map.of(
              "x", number(10),
              "inner.a", number(20),
              "inner.b", number(30),
              "many.0", number(40),
              "many.1", number(50));
      State rebuilt = StateScope.rebuild(like, others);
      assertThat(StateScope.tensors(rebuilt)).isEqualTo(others);
      assertThat(rebuilt.count()).isEqualTo(6);
      assertThat(rebuilt.none()).isNull();
    }
  }

  @Test
  void mapsEveryTensorOfARecord() {
    try (var scope = StateScope.open()) {
      State like = state();
      State doubled = StateScope.map(like, tensor -> Tensors.scale(2, tensor));
      assertThat(StateScope.tensors(doubled).keySet()).isEqualTo(StateScope.tensors(like).keySet());
      StateScope.tensors(doubled)
          .forEach(
              (name, tensor) ->
                  assertThat(Tensors.item(tensor))
                      .isEqualTo(2 * Tensors.item(StateScope.tensors(like).get(name))));
      assertThat(doubled.count()).isEqualTo(6);
    }
  }

  @Test
  void refusesToRebuildFromMissingOrMisshapenTensors() {
    try (var scope = StateScope.open()) {
      var like = new Pair(number(1), number(2));
      assertThatThrownBy(() -> StateScope.rebuild(like, Map.of("a", number(1))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("'b'", "[1]", "nothing");
      assertThatThrownBy(
              () ->
                  StateScope.rebuild(
                      like, Map.of("a", number(1), "b", Tensors.zeros(Device.CPU64, 2, 3))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("'b'", "[1]", "[2, 3]");
    }
  }

  @Test
  void knowsTheInnermostScope() {
    assertThat(StateScope.innermost()).isNull();
    var outer = StateScope.open();
    var inner = StateScope.open();
    assertThat(StateScope.innermost()).isSameAs(inner);
    outer.close(); // in the wrong order
    assertThat(outer.isOpen()).isFalse();
    assertThat(StateScope.innermost()).isSameAs(inner);
    inner.close();
    assertThat(StateScope.innermost()).isNull();
  }

  /** Less than a tensor in twelve steps; one that the system takes back late is no leak. */
  @Test
  void givesMemoryBackToTheSystem() {
    Tensor state = step(null);
    long before = StateScope.residentBytes();
    for (int i = 0; i < 24; i++) {
      state = step(state);
    }
    assertThat(StateScope.residentBytes() - before).as("bytes").isLessThan(2 * 8L * BIG);
    StateScope.release(state);
  }

  private static Tensor step(@Nullable Tensor previous) {
    try (var scope = StateScope.open()) {
      Tensor zeros = Tensors.full(Device.CPU64, 1, BIG);
      Tensor next = scope.keep(Tensors.axpy(zeros, 2, zeros));
      if (previous != null) {
        StateScope.release(previous);
      }
      return next;
    }
  }
}
