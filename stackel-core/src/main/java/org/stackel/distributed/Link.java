package org.stackel.distributed;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/** One connection to a rank that has proved that it belongs to the run. */
final class Link implements AutoCloseable {
  private static final int LONGEST = 1 << 16;
  private static final int PARTING_MILLIS = 1_000;

  private final int peer;
  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  /**
   * @param word what it is
   * @param about the rank that it is about
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Frame(int word, int about, byte[] content) {}

  /**
   * @param peer number of the other rank
   */
  Link(int peer, Socket socket) throws IOException {
    this.peer = peer;
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = new DataOutputStream(socket.getOutputStream());
  }

  int peer() {
    return peer;
  }

  /** This end's address: the one that the other rank can reach. */
  InetAddress here() {
    return socket.getLocalAddress();
  }

  /** The other end, for messages. */
  String place() {
    return socket.getInetAddress().getHostAddress();
  }

  /** How long a read may take. */
  void limit(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  Frame read() throws IOException {
    int word = in.readUnsignedByte();
    int about = in.readInt();
    int length = in.readInt();
    if (length < 0 || length > LONGEST) {
      throw new IOException("no frame of ours");
    }
    byte[] content = new byte[length];
    in.readFully(content);
    return new Frame(word, about, content);
  }

  synchronized void write(int word, int about, byte[] content) throws IOException {
    var frame = new ByteArrayOutputStream();
    var data = new DataOutputStream(frame);
    data.writeByte(word);
    data.writeInt(about);
    data.writeInt(content.length);
    data.write(content);
    out.write(frame.toByteArray());
    out.flush();
  }

  /** Says a last word, and closes once it was heard: words that nobody read here would undo it. */
  void part(int word, byte[] content) {
    try (this) {
      limit(PARTING_MILLIS);
      write(word, 0, content);
      socket.shutdownOutput();
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // it has left
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // it is closed
    }
  }
}
