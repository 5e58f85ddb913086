package org.stackel.distributed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/**
 * Where the ranks of a run meet: rank 0 listens on one address, the others connect to it.
 *
 * <p>Both sides prove that they know the run's {@link Token} before anything else is said: each
 * sends 32 random bytes and answers the other's with an HMAC-SHA256 of them. Who does not is
 * disconnected. Nothing listens here once all ranks are there.
 *
 * <p>What follows, numbers included, is neither encrypted nor signed: ranks belong into a network
 * of their own.
 */
public final class Rendezvous implements AutoCloseable {
  private static final int MAGIC = 0x53544B31; // STK1
  private static final int STRANGER_MILLIS = 5_000;
  private static final int MAX_STRANGERS = 64;
  private static final int NONCE = 32;

  private final ServerSocket server;
  private final Token token;
  private final Duration limit;
  private final int count;
  private final Map<Integer, Link> joined = new TreeMap<>();
  private final Semaphore strangers = new Semaphore(MAX_STRANGERS);

  private Rendezvous(ServerSocket server, int count, Token token, Duration limit) {
    this.server = server;
    this.count = count;
    this.token = token;
    this.limit = limit;
  }

  /**
   * Listens for the others, as rank 0.
   *
   * @param at the only address to listen on; port 0 lets the system choose
   * @param count number of ranks
   * @param limit how long ranks may take to join, and later be silent
   * @throws InvalidInputException if it cannot listen there
   */
  public static Rendezvous listen(InetSocketAddress at, int count, Token token, Duration limit) {
    try {
      if (at.isUnresolved()) {
        throw new IOException("the name is unknown");
      }
      var server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(at, count + MAX_STRANGERS);
      var rendezvous = new Rendezvous(server, count, token, limit);
      Links.background("rendezvous", rendezvous::accept);
      return rendezvous;
    } catch (IOException e) {
      throw new InvalidInputException(
          "Rank 0 cannot listen on %s: %s.".formatted(text(at), e.getMessage()),
          "another process has the port, or the address is not one of this machine.");
    }
  }

  /** The port that it listens on. */
  public int port() {
    return server.getLocalPort();
  }

  /**
   * Waits for all other ranks.
   *
   * @param watch says why somebody will never come, or is gone; null while all is well. Asked until
   *     the ranks part
   * @throws InvalidInputException if not all come in time
   */
  public Ranks await(Supplier<@Nullable String> watch) {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (joined) {
      while (joined.size() < count - 1) {
        String seen = watch.get();
        if (seen != null) {
          throw new RankLostException(seen);
        }
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw absent();
        }
        try {
          joined.wait(Math.min(left, 200));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
    }
    close();
    return Ranks.of(0, count, server.getInetAddress(), List.copyOf(joined.values()), limit, watch);
  }

  private InvalidInputException absent() {
    String missing =
        IntStream.range(1, count)
            .filter(rank -> !joined.containsKey(rank))
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(", "));
    String what =
        "f %d ranks these did not join %s within %s: %s."
            .formatted(
                count,
                text((InetSocketAddress) server.getLocalSocketAddress()),
                Ranks.words(limit.toMillis()),
                missing);
    byte[] word = ("Rank 0 gave up waiting: o" + what).getBytes(UTF_8);
    joined.values().forEach(link -> link.part(Links.LOST, word));
    return new InvalidInputException(
        "O" + what,
        "they were not started, cannot reach the address, or have another %s; --rank-timeout gives them more time."
            .formatted(Token.VARIABLE));
  }

  /** Nobody listens any more; who has joined stays connected. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // it is closed
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        if (strangers.tryAcquire()) {
          Links.background("stranger", () -> greet(socket));
        } else {
          socket.close();
        }
      } catch (IOException e) {
        // closed, or a connection that broke at once
      }
    }
  }

  private void greet(Socket socket) {
    try {
      socket.setSoTimeout(STRANGER_MILLIS);
      byte[] own = Token.nonce();
      var out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(MAGIC);
      out.write(own);
      out.flush();
      var in = new DataInputStream(socket.getInputStream());
      boolean isOurs = in.readInt() == MAGIC;
      byte[] theirs = in.readNBytes(NONCE);
      int rank = in.readInt();
      int size = in.readInt();
      byte[] proof = in.readNBytes(NONCE);
      if (!isOurs || !token.isProof(proof, about("join", own, theirs, rank, size))) {
        socket.close();
        return;
      }
      out.write(token.proof(about("welcome", theirs, own, rank, size)));
      join(rank, size, socket, out);
    } catch (IOException e) {
      try {
        socket.close();
      } catch (IOException again) {
        // it is closed
      }
    } finally {
      strangers.release();
    }
  }

  /** Answers before the rank counts as joined: from then on others write to it. */
  private void join(int rank, int size, Socket socket, DataOutputStream out) throws IOException {
    synchronized (joined) {
      String problem = problem(rank, size);
      out.writeUTF(problem);
      out.flush();
      if (problem.isEmpty()) {
        joined.put(rank, new Link(rank, socket));
        joined.notifyAll();
      } else {
        socket.close();
      }
    }
  }

  private String problem(int rank, int size) {
    if (size != count) {
      return "rank 0 expects %d ranks, not %d".formatted(count, size);
    }
    if (rank < 1 || rank >= count) {
      return "ranks are numbered from 0 to %d".formatted(count - 1);
    }
    return joined.containsKey(rank) ? "there is a rank %d already".formatted(rank) : "";
  }

  private static byte[] about(String what, byte[] asked, byte[] own, int rank, int size)
      throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeUTF(what);
    out.write(asked);
    out.write(own);
    out.writeInt(rank);
    out.writeInt(size);
    return bytes.toByteArray();
  }

  /**
   * Joins a run, as another rank than 0.
   *
   * @param at where rank 0 listens
   * @param rank number of this rank
   * @param count number of ranks
   * @param limit how long this may take, and how long ranks may later be silent
   * @throws InvalidInputException if rank 0 is not there, or does not want this rank
   */
  public static Ranks join(InetSocketAddress at, int rank, int count, Token token, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        Link link = connect(at, rank, count, token, limit);
        return Ranks.of(rank, count, link.here(), List.of(link), limit, () -> null);
      } catch (IOException e) {
        if (System.nanoTime() >= end) {
          throw new InvalidInputException(
              "Rank %d found no rank 0 at %s within %s: %s."
                  .formatted(rank, text(at), Ranks.words(limit.toMillis()), e.getMessage()),
              "rank 0 was not started or has ended, the address is another one, or a firewall is between.");
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Link connect(
      InetSocketAddress at, int rank, int count, Token token, Duration limit) throws IOException {
    var socket = new Socket();
    try {
      var fresh = new InetSocketAddress(at.getHostString(), at.getPort());
      if (fresh.isUnresolved()) {
        throw new IOException("the name is unknown");
      }
      int millis = (int) Math.min(Integer.MAX_VALUE, limit.toMillis());
      socket.connect(fresh, millis);
      socket.setSoTimeout(millis);
      var in = new DataInputStream(socket.getInputStream());
      if (in.readInt() != MAGIC) {
        throw new InvalidInputException(
            "What listens at %s is no rank 0 of this version.".formatted(text(at)),
            "the port belongs to another program.");
      }
      byte[] theirs = in.readNBytes(NONCE);
      byte[] own = Token.nonce();
      var out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(MAGIC);
      out.write(own);
      out.writeInt(rank);
      out.writeInt(count);
      out.write(token.proof(about("join", theirs, own, rank, count)));
      out.flush();
      byte[] proof = in.readNBytes(NONCE);
      if (!token.isProof(proof, about("welcome", own, theirs, rank, count))) {
        throw new InvalidInputException(
                "Rank 0 at %s does not know the token of rank %d.".formatted(text(at), rank),
                "%s is another one there.".formatted(Token.VARIABLE))
            .at(Token.VARIABLE);
      }
      String problem = in.readUTF();
      if (!problem.isEmpty()) {
        throw new InvalidInputException(
            "Rank 0 at %s refuses rank %d of %d: %s.".formatted(text(at), rank, count, problem),
            "two ranks have the same number, or --world-size differs.");
      }
      return new Link(0, socket);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static String text(InetSocketAddress at) {
    InetAddress address = at.getAddress();
    String host = address == null ? at.getHostString() : address.getHostAddress();
    return "%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, at.getPort());
  }
}
