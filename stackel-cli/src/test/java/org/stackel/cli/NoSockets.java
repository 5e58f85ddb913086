package org.stackel.cli;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A process in which no socket can be opened from Java, and in which those that native code opens
 * are seen: by looking at the open files of the process again and again. Once installed it stays.
 */
public final class NoSockets {
  private static final Path OPEN = Path.of("/proc/self/fd");
  private static final Set<String> KNOWN = Collections.synchronizedSet(new TreeSet<>());
  private static final Set<String> FOUND = Collections.synchronizedSet(new TreeSet<>());

  private NoSockets() {}

  /** Refuses all channels and selectors; made by the class library. */
  public static final class Refusing extends SelectorProvider {
    /** For the class library. */
    public Refusing() {}

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
      throw refused("a channel of datagrams");
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
      throw refused("a channel of datagrams");
    }

    @Override
    public Pipe openPipe() throws IOException {
      throw refused("a pipe");
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
      throw refused("a selector");
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
      throw refused("a server's channel");
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
      throw refused("a channel");
    }
  }

  private static IOException refused(String what) {
    var refusal = new IOException("a socket is opened: " + what);
    FOUND.add(
        what
            + " by "
            + Stream.of(refusal.getStackTrace())
                .filter(frame -> !frame.getClassName().startsWith("java."))
                .skip(1)
                .limit(6)
                .toList());
    return refusal;
  }

  private static IllegalStateException never(String what) {
    return new IllegalStateException(refused(what));
  }

  /** From now on no socket can be opened. */
  @SuppressWarnings("deprecation") // no other way sees every socket
  static void install() throws IOException {
    // Its library opens a socket for a moment when it is loaded, to find out about IPv6.
    InetAddress.getLoopbackAddress();
    Set<String> inherited = open();
    Path file = Files.createTempFile("channel", "");
    FileChannel.open(file, StandardOpenOption.WRITE).close(); // has a pair of its own, unconnected
    Files.delete(file);
    KNOWN.addAll(open());
    KNOWN.removeAll(inherited);
    System.setProperty("java.nio.channels.spi.SelectorProvider", Refusing.class.getName());
    Socket.setSocketImplFactory(
        () -> {
          throw never("a socket");
        });
    ServerSocket.setSocketFactory(
        () -> {
          throw never("a server's socket");
        });
    DatagramSocket.setDatagramSocketImplFactory(
        () -> {
          throw never("a socket of datagrams");
        });
    var watch =
        new Thread(
            () -> {
              while (true) {
                look();
                try {
                  Thread.sleep(5);
                } catch (InterruptedException e) {
                  return;
                }
              }
            });
    watch.setDaemon(true);
    watch.start();
  }

  private static void look() {
    if (!KNOWN.containsAll(open())) {
      FOUND.add("an open file of the process is a socket");
    }
  }

  private static Set<String> open() {
    var sockets = new TreeSet<String>();
    if (!Files.isDirectory(OPEN)) {
      return sockets; // not Linux: what Java opens is refused all the same
    }
    try (Stream<Path> files = Files.list(OPEN)) {
      for (Path file : files.toList()) {
        String target = Files.isSymbolicLink(file) ? Files.readSymbolicLink(file).toString() : "";
        if (target.startsWith("socket:")) {
          sockets.add(target);
        }
      }
    } catch (IOException e) {
      // closed meanwhile
    }
    return sockets;
  }

  /** The sockets that were opened, or would have been. */
  static List<String> found() {
    look();
    return List.copyOf(FOUND);
  }
}
