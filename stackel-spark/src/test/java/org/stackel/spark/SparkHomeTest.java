package org.stackel.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkHomeTest {
  @TempDir Path temp;
  private Path jars;

  @BeforeEach
  void make() throws Exception {
    jars = Files.createDirectories(temp.resolve("jars"));
  }

  private SparkHome home() {
    return SparkHome.find(null, temp.toString());
  }

  @Test
  void flagsAreThoseThatSparkStates() throws Exception {
    Path launcher =
        Path.of(
            JavaModuleOptions.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Files.createSymbolicLink(jars.resolve(launcher.getFileName()), launcher);
    Files.createFile(jars.resolve("spark-core_2.13-4.2.0.jar"));
    assertThat(home().flags())
        .containsAll(
            Stream.of(JavaModuleOptions.defaultModuleOptionArray())
                .filter(each -> !each.equals("--add-modules=jdk.incubator.vector"))
                .toList())
        .contains("-Dstackel.spark.home=" + temp)
        .contains("-Dlog4j2.configurationFile=classpath:org/stackel/spark/log4j2.properties");
    Files.createDirectory(temp.resolve("conf"));
    Files.createFile(temp.resolve("conf/log4j2.properties"));
    assertThat(home().flags()).noneMatch(each -> each.contains("log4j2"));
  }

  @Test
  void whatIsNoSparkOrAnOldOneIsTold() throws Exception {
    assertThat(SparkHome.find(null, null)).isNull();
    assertThat(SparkHome.find(null, " ")).isNull();
    assertThatThrownBy(this::home)
        .message()
        .startsWith("SPARK_HOME: There is no Spark in '" + temp + "'")
        .contains("\nMaybe the directory of an unpacked spark-4.x.y");
    Files.createFile(jars.resolve("spark-core_2.12-3.5.1.jar"));
    assertThatThrownBy(() -> SparkHome.find(temp.toString(), null))
        .message()
        .startsWith("--spark-home: Spark 4 with Scala 2.13 is needed;")
        .contains("has spark-core_2.12-3.5.1.jar.");
  }
}
