import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What a client sends. One for the whole connection: what it has read ahead is the next request. */
class Reader {
    private final InputStream in;

    Reader(InputStream in) {
        this.in = new BufferedInputStream(in, 65_536);
    }

    /**
     * The next line without its end, each octet a character; null at the end of the stream. Throws
     * Refused with the status `tooLong` where it does not end within `most` octets.
     */
    String line(int most, int tooLong) throws IOException, Refused {
        StringBuilder line = new StringBuilder();
        int octet;
        while ((octet = in.read()) != '\n') {
            if (octet < 0) {
                return null;
            }
            if (line.length() >= most) {
                throw new Refused(tooLong).andClose();
            }
            line.append((char) octet);
        }
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
            line.setLength(length - 1);
        }
        return line.toString();
    }

    /** So many octets. Throws EOFException where the stream ends before. */
    byte[] octets(int count) throws IOException {
        byte[] data = in.readNBytes(count);
        if (data.length < count) {
            throw new EOFException("the client has gone in mid-body");
        }
        return data;
    }

    static byte[] raw(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
