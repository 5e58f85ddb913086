package org.stackel.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;
import org.stackel.run.RunDirectory.IfExists;
import org.stackel.runfile.Marker;
import org.stackel.runfile.Marker.Kind;

class ClaimTest {
  @TempDir Path temp;

  private Path directory() {
    return temp.resolve("run");
  }

  /** A run that is over. */
  private Path ended() throws IOException {
    try (var claim = Claim.take(directory(), Kind.RUN, IfExists.REFUSE)) {
      claim.add("model/weights.safetensors");
      write("metrics.jsonl", "{}");
      write("checkpoints/step-000001.safetensors", "x");
      write("checkpoints/step-000002.safetensors.tmp", "x");
      write("model/weights.safetensors", "x");
    }
    return directory();
  }

  private void write(String name, String text) throws IOException {
    Path file = directory().resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** Who is refused takes nothing from who runs: the third is refused like the second. */
  @Test
  void aRefusedClaimLeavesTheLock() throws IOException {
    try (var running = Claim.take(directory(), Kind.RUN, IfExists.REFUSE)) {
      write("metrics.jsonl", "{}");
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> Claim.take(directory(), Kind.RUN, IfExists.REPLACE))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining("Another process is running in")
            .hasMessageContaining("\nMaybe ");
        assertThatThrownBy(() -> Claim.goOn(directory(), Kind.RUN))
            .hasMessageContaining("(process " + ProcessHandle.current().pid() + ")");
        assertThat(directory().resolve(Marker.LOCK)).exists();
      }
      assertThat(running.replaced()).isNull();
    }
    assertThat(directory().resolve(Marker.LOCK)).doesNotExist();
    assertThat(directory().resolve("metrics.jsonl")).exists();
  }

  /**
   * The same for processes: one holds the lock, and has not opened the file through Java's table.
   */
  @Test
  void anotherProcessIsRefused() throws IOException, InterruptedException {
    ended();
    Process holder = holder(directory());
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      assertThatThrownBy(() -> Claim.take(directory(), Kind.RUN, IfExists.REPLACE))
          .hasMessageContaining("Another process is running in");
      assertThatThrownBy(() -> Claim.goOn(directory(), Kind.RUN))
          .hasMessageContaining("(process " + holder.pid() + ")");
    } finally {
      holder.destroyForcibly().waitFor();
    }
    assertThat(directory().resolve(Marker.LOCK)).as("it was killed").exists();
    Claim.goOn(directory(), Kind.RUN).close();
    assertThat(directory().resolve(Marker.LOCK)).doesNotExist();
  }

  static Process holder(Path directory) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Holder.class.getName(),
            directory.toString())
        .start();
  }

  /** Holds a directory until it is killed. */
  public static final class Holder {
    /** Entry. */
    public static void main(String[] args) throws IOException, InterruptedException {
      try (var lock = DirectoryLock.hold(Path.of(args[0]))) {
        System.out.println("held");
        Thread.sleep(60_000);
      }
    }
  }

  /** Somebody opened the file just before its holder deleted it. */
  @Test
  void aDeletedLockIsNoLock() throws IOException {
    Files.createDirectories(directory());
    Path file = directory().resolve(Marker.LOCK);
    try (var before = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var late = before.lock()) {
      Files.delete(file);
      try (var lock = DirectoryLock.hold(directory())) {
        assertThat(Files.size(file)).isEqualTo(ProcessHandle.current().pid());
        assertThat(late.isValid()).isTrue();
      }
    }
  }

  @Test
  void whatWasThereIsSetAside() throws IOException {
    ended();
    for (String text : new String[] {"second", "third"}) {
      try (var claim = Claim.take(directory(), Kind.RUN, IfExists.REPLACE)) {
        assertThat(claim.replaced()).isEqualTo(temp.resolve("run.old"));
        assertThat(directory().resolve("metrics.jsonl")).doesNotExist();
        write("metrics.jsonl", text);
      }
    }
    assertThat(temp.resolve("run.old/metrics.jsonl")).hasContent("second");
    assertThat(temp.resolve("run.old/.lock")).doesNotExist();
    Files.writeString(temp.resolve("run.old/notes.txt"), "mine");
    try (var claim = Claim.take(directory(), Kind.RUN, IfExists.REPLACE)) {
      assertThat(claim.replaced()).isEqualTo(temp.resolve("run.old-2"));
      write("metrics.jsonl", "fourth");
    }
    assertThat(temp.resolve("run.old/notes.txt")).hasContent("mine");
  }

  @Test
  void foreignFilesAreNeverReplaced() throws IOException {
    ended();
    for (String name :
        new String[] {"notes.txt", "model/mine.bin", "checkpoints/mine", "data.tmp"}) {
      write(name, "mine");
      assertThatThrownBy(() -> Claim.take(directory(), Kind.RUN, IfExists.REPLACE))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("did not write " + name)
          .hasMessageContaining("\nMaybe ");
      assertThat(directory().resolve(name)).hasContent("mine");
      Files.delete(directory().resolve(name));
    }
    Claim.check(directory(), Kind.RUN, IfExists.REPLACE);
  }

  /** Any provenance.json was enough once, and a directory full of runs was a comparison. */
  @Test
  void whatIsNotOursIsNeverReplaced() throws IOException {
    write("provenance.json", "{\"of\": \"a painting\"}");
    assertThatThrownBy(() -> Claim.check(directory(), Kind.RUN, IfExists.REPLACE))
        .hasMessageContaining("is not that of a run");
    Files.delete(directory().resolve("provenance.json"));
    ended();
    assertThatThrownBy(() -> Claim.check(temp, Kind.COMPARISON, IfExists.REPLACE))
        .hasMessageContaining("is not that of a comparison");
    assertThatThrownBy(() -> Claim.check(directory(), Kind.RESULT, IfExists.REPLACE))
        .hasMessageContaining("is not one of results");
    assertThatThrownBy(() -> Claim.check(directory(), Kind.RUN, IfExists.REFUSE))
        .hasMessageContaining("`stackel resume ");
  }

  /** Runs lie in directories with markers of their own; one of them may be running. */
  @Test
  void aComparisonKnowsItsRuns() throws IOException {
    Path runs = temp.resolve("compared");
    try (var claim = Claim.take(runs, Kind.COMPARISON, IfExists.REFUSE)) {
      claim.add("slip-seed0/");
      try (var run = Claim.take(runs.resolve("slip-seed0"), Kind.RUN, IfExists.REPLACE)) {
        Files.writeString(runs.resolve("slip-seed0/metrics.jsonl"), "{}");
        assertThat(run.replaced()).isNull();
      }
      assertThat(claim.replaced()).isNull();
    }
    Path notes = Files.writeString(runs.resolve("slip-seed0/notes.txt"), "mine");
    assertThatThrownBy(() -> Claim.take(runs, Kind.COMPARISON, IfExists.REPLACE))
        .hasMessageContaining("did not write slip-seed0/notes.txt");
    Files.delete(notes);
    try (var resumed = Claim.goOn(runs.resolve("slip-seed0"), Kind.RUN)) {
      assertThat(resumed.replaced()).isNull();
      assertThatThrownBy(() -> Claim.take(runs, Kind.COMPARISON, IfExists.REPLACE))
          .hasMessageContaining("Another process is running in");
    }
    Claim.take(runs, Kind.COMPARISON, IfExists.REPLACE).close();
    assertThat(runs.resolve("slip-seed0/metrics.jsonl")).as("nothing was written").exists();
  }

  @Test
  void dotsMakeNoDirectories() {
    Path dotted = temp.resolve("up/../up2");
    assertThat(Claim.plain(dotted)).isEqualTo(temp.resolve("up2"));
    assertThat(Claim.plain(temp.resolve("../" + temp.getFileName())))
        .isEqualTo(temp.resolve("../" + temp.getFileName()));
  }
}
