package org.stackel.runfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/files.md names every key of every file in the file's chapter. */
class FilesDocumentTest {
  static Stream<Class<?>> files() {
    return Stream.of(WholeFile.class, StepLine.class)
        .flatMap(family -> Arrays.stream(family.getPermittedSubclasses()));
  }

  @ParameterizedTest
  @MethodSource("files")
  void namesEveryKey(Class<?> file) throws IOException, ReflectiveOperationException {
    String name = (String) file.getField("NAME").get(null);
    String chapter =
        Arrays.stream(Files.readString(Path.of("../docs/files.md")).split("\n(?=## )"))
            .filter(text -> text.startsWith("## " + name + "\n"))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no chapter on " + name));
    assertThat(keys(file)).isNotEmpty().allSatisfy(key -> assertThat(chapter).contains(key));
  }

  /** The keys of a record and of those within it, as the document writes them. */
  private static Stream<String> keys(Class<?> type) {
    Stream<String> own =
        type.isRecord()
            ? Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .map(key -> "`" + key + "`")
            : Stream.empty();
    return Stream.concat(
        own, Arrays.stream(type.getDeclaredClasses()).flatMap(FilesDocumentTest::keys));
  }
}
