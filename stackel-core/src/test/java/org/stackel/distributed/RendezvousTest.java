package org.stackel.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Who may join a run, and what becomes of it when somebody leaves. */
class RendezvousTest {
  private static final Token TOKEN = Token.of(Together.TOKEN);
  private static final Duration SHORT = Duration.ofMillis(400);

  private static InetSocketAddress local(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static Rendezvous listening(Duration limit) {
    return Rendezvous.listen(local(0), 2, TOKEN, limit);
  }

  @Test
  void onlyWhoKnowsTheTokenJoins() {
    try (var rendezvous = listening(SHORT)) {
      var other = Token.of("another secret, too");
      assertThatThrownBy(() -> Rendezvous.join(local(rendezvous.port()), 1, 2, other, SHORT))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "STACKEL_RANK_TOKEN: Rank 0 at 127.0.0.1:%d does not know the token of rank 1.\nMaybe STACKEL_RANK_TOKEN is another one there."
                  .formatted(rendezvous.port()));
      assertThatThrownBy(() -> rendezvous.await(() -> null))
          .hasMessageStartingWith(
              "Of 2 ranks these did not join 127.0.0.1:%d within 0.4 s: 1."
                  .formatted(rendezvous.port()));
    }
  }

  @Test
  void tokensAreLongAndNotShown() {
    assertThatThrownBy(() -> Token.of("short"))
        .hasMessageContaining("must have at least 16 characters, not 5.");
    assertThat(TOKEN).hasToString("Token");
    assertThat(Token.random()).hasSize(64).isNotEqualTo(Token.random());
  }

  @Test
  void wrongNumbersAreRefused() {
    try (var rendezvous = listening(SHORT)) {
      var at = local(rendezvous.port());
      assertThatThrownBy(() -> Rendezvous.join(at, 1, 3, TOKEN, SHORT))
          .hasMessageContaining("refuses rank 1 of 3: rank 0 expects 2 ranks, not 3.");
      assertThatThrownBy(() -> Rendezvous.join(at, 2, 2, TOKEN, SHORT))
          .hasMessageContaining("ranks are numbered from 0 to 1.");
    }
  }

  @Test
  void listensOnTheGivenAddressOnly() throws IOException {
    try (var rendezvous = listening(SHORT)) {
      var elsewhere = new InetSocketAddress("127.0.0.2", rendezvous.port());
      try (var socket = new Socket()) {
        assertThatThrownBy(() -> socket.connect(elsewhere, 500)).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void strangersWhoSayNothingDoNotKeepOthersOut() throws IOException {
    try (var rendezvous = listening(Together.LIMIT);
        var silent = new Socket(InetAddress.getLoopbackAddress(), rendezvous.port())) {
      var other =
          Links.background(
              "other",
              () -> Rendezvous.join(local(rendezvous.port()), 1, 2, TOKEN, Together.LIMIT).close());
      try (Ranks ranks = rendezvous.await(() -> null)) {
        assertThat(ranks.count()).isEqualTo(2);
        assertThat(silent.isConnected()).isTrue();
      }
      assertThat(other.isDaemon()).isTrue();
    }
  }

  /** Another program may get the port a moment later, hence several attempts. */
  @Test
  void nobodyListensOnceItIsClosed() {
    assertThat(IntStream.range(0, 5).anyMatch(attempt -> isRefused(closedPort()))).isTrue();
  }

  private static int closedPort() {
    try (var rendezvous = listening(SHORT)) {
      return rendezvous.port();
    }
  }

  private static boolean isRefused(int port) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return !socket.isConnected();
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void rankZeroThatIsNotThereIsWaitedFor() {
    assertThatThrownBy(() -> Rendezvous.join(local(9), 1, 2, TOKEN, SHORT))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("Rank 1 found no rank 0 at 127.0.0.1:9 within 0.4 s: ");
  }

  /** Words of the rank that waits, which nobody reads, must not undo the last one. */
  @Test
  @Timeout(60)
  void whoWaitsIsToldThatRankZeroGaveUp() throws Exception {
    var limit = Duration.ofSeconds(3);
    try (var rendezvous = Rendezvous.listen(local(0), 3, TOKEN, limit)) {
      int port = rendezvous.port();
      var waiting =
          CompletableFuture.supplyAsync(
              () -> catchThrowable(() -> Rendezvous.join(local(port), 1, 3, TOKEN, limit).close()));
      assertThatThrownBy(() -> rendezvous.await(() -> null))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(
              "Of 3 ranks these did not join 127.0.0.1:%d within 3 s: 2.".formatted(port));
      assertThat(waiting.get())
          .isInstanceOf(RankLostException.class)
          .hasMessage(
              "Rank 0 gave up waiting: of 3 ranks these did not join 127.0.0.1:%d within 3 s: 2."
                  .formatted(port));
    }
  }

  @Test
  @Timeout(60) // c10d would wait for minutes
  void aRankThatIsGoneBeforeItIsConnectedIsNoticed() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (var server = new ServerSocket(0, 1, here);
        var silent = new Socket(here, server.getLocalPort());
        var link = new Link(1, server.accept())) {
      silent.close();
      List<Link> links = List.of(link);
      assertThatThrownBy(() -> Ranks.of(0, 2, here, links, Together.LIMIT, () -> null))
          .isInstanceOf(RankLostException.class)
          .hasMessage("Rank 1 (127.0.0.1) is gone: its process has ended, or was killed.");
    }
  }

  @Test
  void textsOfTheFirstAreHeard() {
    List<String> heard =
        Together.on(
            3,
            ranks ->
                ranks.textFromFirst(ranks.isFirst() ? "Φ = \"1\"" : "?") + ranks.textFromFirst(""));
    assertThat(heard).hasSize(3).containsOnly("Φ = \"1\"");
    assertThat(Ranks.ONE.textFromFirst("alone")).isEqualTo("alone");
  }

  @Test
  void sumsMeansAndCopies() {
    List<double[]> made =
        Together.on(
            3,
            ranks -> {
              try (var scope = StateScope.open()) {
                int rank = ranks.rank();
                Tensor own = Tensors.of(Device.CPU64, rank + 1, 10);
                var whole = ranks.mean(rank, List.of(own, own.select(0, 0)));
                ranks.copyFromFirst(List.of(own));
                assertThat(whole.size()).isEqualTo(3);
                return Tensors.toArray(
                    Tensors.concat(whole.means().get(0), whole.means().get(1).view(1), own));
              }
            });
    // sizes 0, 1, 2: rank 0 counts for nothing
    assertThat(made)
        .allSatisfy(row -> assertThat(row).containsExactly(8 / 3.0, 10, 8 / 3.0, 1, 10));
  }

  @Test
  void wishesTravelWithTheNumbers() {
    List<Ranks.Wish> heard =
        Together.on(
            3,
            ranks -> {
              try (var scope = StateScope.open()) {
                ranks.say(ranks.rank() == 1 ? Ranks.Wish.STOP : Ranks.Wish.NONE);
                ranks.mean(1, List.of(Tensors.zeros(Device.CPU64, 2)));
                return ranks.heard();
              }
            });
    assertThat(heard).hasSize(3).containsOnly(Ranks.Wish.STOP);
  }

  @Test
  void whoFailsTellsTheOthers() {
    List<String> seen =
        Together.on(
            3,
            ranks -> {
              if (ranks.rank() == 2) {
                ranks.fail("the disk is full");
                return "";
              }
              return catchThrowable(() -> ranks.total(1)).getMessage();
            });
    assertThat(seen)
        .containsExactly("Rank 2 failed: the disk is full", "Rank 2 failed: the disk is full", "");
  }
}
