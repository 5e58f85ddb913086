package org.stackel.spark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of rows that are read many at a time.
 *
 * @param <A> a row
 * @param <B> a result
 */
final class Chunks<A, B> implements Iterator<B> {
  private static final int MAX = 1_000;

  private final Iterator<A> rows;
  private final Function<A, ?> key;
  private final Function<List<A>, Iterator<B>> work;
  private @Nullable A next;
  private Iterator<B> results = Collections.emptyIterator();

  /**
   * @param key rows of one chunk have the same
   * @param work from rows, at least one, to results
   */
  Chunks(Iterator<A> rows, Function<A, ?> key, Function<List<A>, Iterator<B>> work) {
    this.rows = rows;
    this.key = key;
    this.work = work;
    next = rows.hasNext() ? rows.next() : null;
  }

  @Override
  public boolean hasNext() {
    A first = next;
    while (!results.hasNext() && first != null) {
      results = work.apply(chunk(first));
      first = next;
    }
    return results.hasNext();
  }

  private List<A> chunk(A first) {
    Object own = key.apply(first);
    var chunk = new ArrayList<A>();
    A row = first;
    while (row != null && chunk.size() < MAX && key.apply(row).equals(own)) {
      chunk.add(row);
      row = rows.hasNext() ? rows.next() : null;
    }
    next = row;
    return chunk;
  }

  @Override
  public B next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return results.next();
  }
}
