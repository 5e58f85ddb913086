import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Packs a tar of jars, which are compressed already: a second compression would take minutes. */
final class StoredGzip {
  private StoredGzip() {}

  /** The file to read and the file to write. */
  public static void main(String[] args) throws IOException {
    try (var in = new FileInputStream(args[0]);
        var out =
            new GZIPOutputStream(new FileOutputStream(args[1]), 1 << 16) {
              {
                def.setLevel(Deflater.NO_COMPRESSION);
              }
            }) {
      in.transferTo(out);
    }
  }
}
