package org.stackel.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.stackel.config.InvalidInputException;

/** Several pieces of work at the same time. */
class JobsTest {
  @Test
  void resultsAreInOrderAndPiecesRunAtTheSameTime() {
    var both = new CountDownLatch(2);
    Set<String> threads = ConcurrentHashMap.newKeySet();
    var pieces = new ArrayList<Jobs.Piece<Integer>>();
    for (int i = 0; i < 6; i++) {
      int number = i;
      pieces.add(
          (problem, stop) -> {
            threads.add(Thread.currentThread().getName());
            both.countDown();
            await(both); // one after the other would wait for ever
            return number;
          });
    }
    assertThat(new Jobs(2).all(pieces, () -> false)).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(threads).hasSize(2);
  }

  @Test
  void failureStopsTheOthersAndIsThrown() {
    var isRunning = new CountDownLatch(1);
    var begun = new AtomicInteger();
    var failure = new InvalidInputException("No.", "yes.");
    List<Jobs.Piece<Integer>> pieces =
        List.of(
            (problem, stop) -> {
              isRunning.countDown();
              while (!stop.getAsBoolean()) {
                Thread.onSpinWait();
              }
              return null;
            },
            (problem, stop) -> {
              await(isRunning);
              throw failure;
            },
            (problem, stop) -> begun.incrementAndGet());
    assertThatThrownBy(() -> new Jobs(2).all(pieces, () -> false)).isSameAs(failure);
    assertThat(begun).hasValue(0);
  }

  @Test
  void nothingBeginsOnceItIsStopped() {
    var begun = new AtomicInteger();
    List<Jobs.Piece<Integer>> pieces =
        List.of(
            (problem, stop) -> begun.incrementAndGet(), (problem, stop) -> begun.incrementAndGet());
    assertThat(new Jobs(1).all(pieces, () -> begun.get() == 1)).isNull();
    assertThat(begun).hasValue(1);
  }

  @Test
  void nothingBeginsOnceAPieceWasStopped() {
    var begun = new AtomicInteger();
    List<Jobs.Piece<Integer>> pieces =
        List.of((problem, stop) -> null, (problem, stop) -> begun.incrementAndGet());
    assertThat(new Jobs(1).all(pieces, () -> false)).isNull();
    assertThat(begun).hasValue(0);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
