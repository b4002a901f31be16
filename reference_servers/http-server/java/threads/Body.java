import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the bodies of requests (RFC 9112, sections 6 and 7). */
class Body {
    /** Octets of a body. */
    static final int LARGEST = 1_000_000;
    /** Octets of a chunk's size with its extensions, and of a trailer. */
    static final int LONGEST_LINE = 1_000;
    static final int MOST_TRAILERS = 100;
    static final Pattern SIZE = Pattern.compile("([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?");

    /** The body of the request; empty where there is none. */
    static byte[] read(Request request, Reader reader, OutputStream out)
            throws IOException, Refused {
        String coding = request.header("transfer-encoding", null);
        String length = request.header("content-length", null);
        if (coding != null) {
            if (length != null || request.minor == 0) {
                // Who reads it by its length, and who by its chunks, see different requests; and
                // HTTP/1.0 knows no chunks.
                throw new Refused(400).andClose();
            }
            if (!coding.equalsIgnoreCase("chunked")) {
                throw new Refused(501).andClose();
            }
            goOn(request, out);
            return chunks(reader);
        }
        if (length == null) {
            return new byte[0];
        }
        if (!length.matches("[0-9]{1,18}")) {
            throw new Refused(400).andClose();
        }
        if (Long.parseLong(length) > LARGEST) {
            throw new Refused(413).andClose();
        }
        goOn(request, out);
        return reader.octets(Integer.parseInt(length));
    }

    /** Tells a client that waits for it to send the body; HTTP/1.0 knows no such answer. */
    private static void goOn(Request request, OutputStream out) throws IOException {
        boolean waits = request.header("expect", "").equalsIgnoreCase("100-continue");
        if (waits && request.minor > 0) {
            out.write(Reader.raw("HTTP/1.1 100 Continue\r\n\r\n"));
        }
    }

    /** The octets of all chunks; trailers are read and forgotten. */
    private static byte[] chunks(Reader reader) throws IOException, Refused {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        long size;
        while ((size = nextSize(reader)) > 0) {
            if (body.size() + size > LARGEST) {
                throw new Refused(413).andClose();
            }
            body.write(reader.octets((int) size));
            byte[] end = reader.octets(2);
            if (end[0] != '\r' || end[1] != '\n') {
                throw new Refused(400).andClose();
            }
        }
        for (int trailer = 0; trailer < MOST_TRAILERS; trailer++) {
            String line = reader.line(LONGEST_LINE, 431);
            if (line == null) {
                throw new EOFException("the client has gone in mid-body");
            }
            if (line.isEmpty()) {
                return body.toByteArray();
            }
        }
        throw new Refused(431).andClose();
    }

    private static long nextSize(Reader reader) throws IOException, Refused {
        String line = reader.line(LONGEST_LINE, 400);
        Matcher found = SIZE.matcher(line == null ? "" : line);
        if (!found.matches()) {
            throw new Refused(400).andClose();
        }
        return Long.parseLong(found.group(1), 16);
    }
}
