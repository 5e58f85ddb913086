package org.stackel.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.data.FileRules;
import org.stackel.data.LabelReader;
import org.stackel.data.NpyFile;
import org.stackel.data.Table;

/** What columns are for, decisions of a person, and matrices of NumPy. */
class RolesTest {
  private static final Roles.Named NOTHING = new Roles.Named(null, List.of(), List.of(), List.of());

  @TempDir Path temp;

  private Table table(String text) throws IOException {
    return Table.read(Files.writeString(temp.resolve("t.csv"), text), null);
  }

  @Test
  void aKnownTextIsTakenAndTheRestIsSaid() throws IOException {
    Roles roles =
        Roles.of(
            table("order_id,Review,date,stars\n7,very good,monday,5\n9,bad,friday,1\n"),
            NOTHING,
            true);
    assertThat(roles.texts()).containsExactly("Review");
    assertThat(roles.label()).isEqualTo("stars");
    assertThat(roles.ids()).containsExactly("order_id");
    assertThat(roles.remarks())
        .anyMatch(each -> each.contains("not read: 'date'; --features"))
        .anyMatch(each -> each.contains("column 'order_id' is taken to name the rows"));
  }

  @Test
  void twoTextsAreAPair() throws IOException {
    Roles roles =
        Roles.of(table("premise,hypothesis,label\na b,c d,x\ne f,g h,y\n"), NOTHING, true);
    assertThat(roles.texts()).containsExactly("premise", "hypothesis");
  }

  @Test
  void otherColumnsAreReadByTheirCells() throws IOException {
    var text = new StringBuilder(",age,colour,note,class\n");
    for (int i = 0; i < 60; i++) {
      text.append(
          "%d,%s,%s,a note of its own about case %d,%d\n"
              .formatted(i, i % 7 == 0 ? "" : i * 1.5, i % 2 == 0 ? "red" : "blue", i, i % 2));
    }
    Roles roles = Roles.of(table(text.toString()), NOTHING, true);
    assertThat(roles.ids()).containsExactly("");
    assertThat(roles.numbers()).containsExactly("age");
    assertThat(roles.categories()).containsExactly("colour");
    assertThat(roles.texts()).containsExactly("note");
    assertThat(roles.remarks()).anyMatch(each -> each.contains("taken to name the rows"));
    Roles some =
        Roles.of(
            table(text.toString()),
            new Roles.Named("class", List.of(), List.of("age"), List.of("colour")),
            true);
    assertThat(some.read()).containsExactly("age");
    assertThat(some.ids()).containsExactly("colour");
  }

  @Test
  void aTableWithoutALabelIsRefused() throws IOException {
    Table table = table("text,kind\na,b\nc,d\n");
    assertThatThrownBy(() -> Roles.of(table, NOTHING, true))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("t.csv:1: No column is known to hold the label")
        .hasMessageContaining("Maybe --label");
    Table counted = table("size,label\n1,a\n2,b\n3,a\n");
    assertThatThrownBy(() -> Roles.of(counted, NOTHING, true))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("Maybe --features size");
  }

  @Test
  void decisionsAreAboutThisFileAndItsLabels() throws IOException {
    Table table = table("text,label\na,x\nb,y\nc,x\n");
    LabelledTable data =
        LabelledTable.of(
            table, Roles.of(table, NOTHING, true), new LabelReader(table.file(), new FileRules()));
    String header = "record,line,label,decision,new_label,sha256\n";
    Path file = temp.resolve("decisions.csv");
    Files.writeString(
        file,
        header
            + "1,2,x,change,y,%1$s\n2,3,y,keep,,%1$s\n3,4,x,unsure,,%1$s\n"
                .formatted(table.sha256()));
    Classes classes = Classes.of(List.of("x", "y"));
    Decisions decisions = Decisions.read(file, data, classes);
    assertThat(decisions.labels()).containsEntry(1, "y").containsEntry(2, "y").hasSize(2);
    assertThat(decisions.unsure()).isEqualTo(1);
    for (String broken :
        List.of(
            "1,2,x,change,,%s",
            "1,2,y,keep,,%s",
            "9,2,x,keep,,%s",
            "1,2,x,drop,,%s",
            "1,2,x,change,z,%s",
            "1,2,x,keep,,00%s")) {
      Files.writeString(file, header + broken.formatted(table.sha256()) + "\n");
      assertThatThrownBy(() -> Decisions.read(file, data, classes))
          .as(broken)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("decisions.csv:2: ")
          .hasMessageContaining("Maybe ");
    }
    Files.writeString(
        file, header + "3,4,x,keep,,%1$s\n3,4,x,change,y,%1$s\n".formatted(table.sha256()));
    assertThatThrownBy(() -> Decisions.read(file, data, classes))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("decisions.csv:3: Record 3 is decided twice")
        .hasMessageContaining("Maybe ");
  }

  @Test
  void matricesOfNumPyAreRead() throws IOException {
    String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }";
    var bytes = ByteBuffer.allocate(10 + header.length() + 32).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    bytes.putDouble(1).putDouble(2).putDouble(3).putDouble(-4);
    Path file = Files.write(temp.resolve("m.npy"), bytes.array());
    NpyFile matrix = NpyFile.read(file);
    assertThat(matrix.rows()).isEqualTo(2);
    assertThat(matrix.numbers()).containsExactly(1, 2, 3, -4);
    Files.writeString(file, "1,2\n3,4\n");
    assertThatThrownBy(() -> NpyFile.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no matrix of NumPy")
        .hasMessageContaining("Maybe numpy.save");
  }

  @Test
  void featuresOfMixedRowsAreOnOneScale() throws IOException {
    var text = new StringBuilder("text,hours,kind,label\n");
    for (int i = 0; i < 40; i++) {
      text.append(
          "the parcel %s,%d,%s,%s\n"
              .formatted(i % 2 == 0 ? "came" : "broke", 1000 + i, i % 4 < 2 ? "a" : "b", i % 2));
    }
    Table table = table(text.toString());
    Roles roles =
        Roles.of(
            table,
            new Roles.Named(null, List.of("text"), List.of("hours", "kind"), List.of()),
            true);
    LabelledTable data =
        LabelledTable.of(table, roles, new LabelReader(table.file(), new FileRules()));
    int[] rows = java.util.stream.IntStream.range(0, 40).toArray();
    var remarks = new java.util.ArrayList<String>();
    var sets = new FeatureSets(roles, data, rows, 1000, remarks).all();
    assertThat(sets).containsOnlyKeys("word vectors", "TF-IDF", "word vectors and TF-IDF");
    FeatureMatrix features =
        java.util.Objects.requireNonNull(sets.get("word vectors and TF-IDF")).features(data);
    double squares = 0;
    for (float number : features.dense()) {
      squares += number * number / 40.0;
    }
    assertThat(squares).isBetween(1.0, 2.5);
    assertThat(features.sparse().rows()).isEqualTo(40);
  }
}
