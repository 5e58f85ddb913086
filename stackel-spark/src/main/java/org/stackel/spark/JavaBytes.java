package org.stackel.spark;

import java.nio.ByteBuffer;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import scala.reflect.ClassTag;

/**
 * Objects as bytes, as Spark sends functions, whatever {@code spark.serializer} says of data:
 * others know no records.
 */
final class JavaBytes {
  private JavaBytes() {}

  static byte[] of(Object object) {
    ByteBuffer bytes = serializer().serialize(object, ClassTag.apply(Object.class));
    byte[] all = new byte[bytes.remaining()];
    bytes.get(all);
    return all;
  }

  static <T> T read(byte[] bytes, Class<T> type) {
    return type.cast(
        serializer()
            .deserialize(
                ByteBuffer.wrap(bytes),
                Thread.currentThread().getContextClassLoader(),
                ClassTag.apply(Object.class)));
  }

  private static org.apache.spark.serializer.SerializerInstance serializer() {
    return new JavaSerializer(new SparkConf(false)).newInstance();
  }
}
