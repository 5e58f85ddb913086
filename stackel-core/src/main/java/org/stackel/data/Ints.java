package org.stackel.data;

import java.util.Arrays;

/** A growing list of numbers. */
final class Ints {
  private int[] numbers = new int[64];
  private int size;

  void add(int number) {
    if (size == numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(size + 64, (int) Math.min(2L * size, 1 << 30)));
    }
    numbers[size++] = number;
  }

  /** Keeps the first ones. */
  void cut(int count) {
    size = count;
  }

  int removeLast() {
    return numbers[--size];
  }

  int size() {
    return size;
  }

  int get(int i) {
    return numbers[i];
  }

  int[] toArray() {
    return Arrays.copyOf(numbers, size);
  }
}
