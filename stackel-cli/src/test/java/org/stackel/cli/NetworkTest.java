package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands open no socket, in Java or in native code, as far as the process can see. */
class NetworkTest {
  @TempDir Path directory;

  /** What runs in a process of its own. */
  static final class Commands {
    private Commands() {}

    /** Runs commands in a directory; exit code 1 if one fails, with its message. */
    public static void main(String[] args) throws Exception {
      NoSockets.install();
      var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
      Path home = Path.of(args[0]);
      for (List<String> command : commands(home)) {
        int code = Main.run(command.toArray(String[]::new), err, err);
        if (code != ExitCode.COMPLETED) {
          System.exit(1);
        }
      }
      System.out.println("found: " + NoSockets.found());
      System.exit(0);
    }

    private static List<List<String>> commands(Path home) {
      String experiment = home.resolve("noisy.json").toString();
      String texts = home.resolve("texts.csv").toString();
      String run = home.resolve("run").toString();
      String clean = home.resolve("clean").toString();
      String many = home.resolve("many").toString();
      return List.of(
          List.of("run", experiment, "--out", run),
          List.of("resume", run, "--steps", "110"),
          List.of("report", run, "--out", home.resolve("page.html").toString()),
          List.of(
              "compare", experiment, "--algorithms", "slip,adambo", "--jobs", "2", "--out", many),
          List.of("clean", texts, "--out", clean, "--time-budget", "20s", "--threads", "1"),
          List.of("review", clean),
          List.of("predict", clean, texts, "--out", home.resolve("p.csv").toString()),
          List.of("doctor"));
    }
  }

  /** Opens sockets of every kind, each of which must be seen. */
  static final class Control {
    private Control() {}

    /** Prints what was found. */
    public static void main(String[] args) throws Exception {
      NoSockets.install();
      var loopback = InetAddress.getLoopbackAddress();
      List<Callable<?>> attempts =
          List.of(
              () -> new Socket(loopback, 9),
              () -> new ServerSocket(0),
              DatagramSocket::new,
              SocketChannel::open,
              ServerSocketChannel::open,
              DatagramChannel::open,
              Selector::open,
              HttpClient::newHttpClient,
              () -> URI.create("http://127.0.0.1:9").toURL().openStream());
      for (Callable<?> attempt : attempts) {
        try {
          System.out.println("opened " + attempt.call());
        } catch (Exception | Error e) {
          System.out.println("refused");
        }
      }
      System.out.println("found: " + NoSockets.found());
      System.exit(0);
    }
  }

  private String run(Class<?> main, String... before) throws Exception {
    Path log = directory.resolve("log");
    var command = new ArrayList<String>(List.of(before));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            directory.toString()));
    var process =
        new ProcessBuilder(command)
            .redirectOutput(log.toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
    assertThat(process.waitFor()).as(Cli.read(directory.resolve("err"))).isZero();
    return Cli.read(log);
  }

  @Test
  void commandsOpenNone() throws Exception {
    Cli.write(directory.resolve("noisy.json"), Cli.NOISY);
    var texts = new StringBuilder("text,label\n");
    for (int i = 0; i < 60; i++) {
      texts.append(i % 2 == 0 ? "good day " : "bad night ").append(i % 9);
      texts.append(i % 2 == 0 ^ i % 11 == 0 ? ",yes\n" : ",no\n");
    }
    Cli.write(directory.resolve("texts.csv"), texts.toString());
    assertThat(run(Commands.class)).endsWith("found: []\n");
    assertThat(directory.resolve("run/report.html")).exists();
    assertThat(directory.resolve("many/comparison.json")).exists();
    assertThat(directory.resolve("clean/corrected.csv")).exists();
    assertThat(Files.size(directory.resolve("p.csv"))).isPositive();
  }

  @EnabledOnOs(OS.LINUX)
  @Test
  void eachKindWouldBeSeen() throws Exception {
    // As native code would, something opens a socket that Java knows nothing about.
    String open = "exec 7<>/dev/udp/127.0.0.1/9; exec \"$0\" \"$@\"";
    assertThat(run(Control.class, "bash", "-c", open))
        .doesNotContain("opened")
        .contains(
            "a socket by ",
            "a server's socket by ",
            "a channel by ",
            "a server's channel by ",
            "a channel of datagrams by ",
            "a selector by ",
            "an open file of the process is a socket");
  }
}
