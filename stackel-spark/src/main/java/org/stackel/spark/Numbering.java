package org.stackel.spark;

import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.Tuple2;

/** Puts the number of a row, from 1 on, before its values. */
final class Numbering implements Function<Tuple2<Row, Long>, Row> {
  private static final long serialVersionUID = 1L;

  @Override
  public Row call(Tuple2<Row, Long> row) {
    Object[] values = new Object[row._1().size() + 1];
    values[0] = row._2() + 1;
    for (int i = 1; i < values.length; i++) {
      values[i] = row._1().get(i - 1);
    }
    return RowFactory.create(values);
  }
}
