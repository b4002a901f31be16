import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** An answer, and how it is written. */
class Answer {
    /** As in `Tue, 01 Dec 2026 10:00:00 GMT`. */
    static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);
    /** Octets of a file that are in memory at a time. */
    static final int PIECE = 65_536;
    static final Map<Integer, String> PHRASES =
            Map.ofEntries(
                    Map.entry(200, "OK"),
                    Map.entry(206, "Partial Content"),
                    Map.entry(301, "Moved Permanently"),
                    Map.entry(304, "Not Modified"),
                    Map.entry(400, "Bad Request"),
                    Map.entry(404, "Not Found"),
                    Map.entry(405, "Method Not Allowed"),
                    Map.entry(413, "Content Too Large"),
                    Map.entry(414, "URI Too Long"),
                    Map.entry(416, "Range Not Satisfiable"),
                    Map.entry(431, "Request Header Fields Too Large"),
                    Map.entry(501, "Not Implemented"),
                    Map.entry(505, "HTTP Version Not Supported"));

    final int status;
    boolean closes;
    private final byte[] body;
    private final InputStream file;
    private final long length;
    private final Map<String, String> headers;

    Answer(int status, byte[] body, Map<String, String> headers) {
        this(status, body, null, body.length, headers);
    }

    /** An answer with so many octets of a file, from where it stands now. */
    Answer(int status, InputStream file, long length, Map<String, String> headers) {
        this(status, new byte[0], file, length, headers);
    }

    private Answer(
            int status, byte[] body, InputStream file, long length, Map<String, String> headers) {
        this.status = status;
        this.body = body;
        this.file = file;
        this.length = length;
        this.headers = new LinkedHashMap<>(headers);
    }

    /** Sends the answer; of one to HEAD, and of 304, the head alone. */
    void send(OutputStream out, Request request) throws IOException {
        try (InputStream closed = file) {
            out.write(Reader.raw(head(request)));
            if (status == 304 || (request != null && request.method.equals("HEAD"))) {
                return;
            }
            if (file == null) {
                out.write(body);
            } else {
                pour(out);
            }
        }
    }

    private String head(Request request) {
        headers.put("Date", DATE.format(ZonedDateTime.now(ZoneOffset.UTC)));
        if (status != 304) {
            headers.put("Content-Length", Long.toString(length));
        }
        if (closes) {
            headers.put("Connection", "close");
        } else if (request.minor == 0) {
            headers.put("Connection", "keep-alive");
        }
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " " + PHRASES.get(status));
        headers.forEach((name, value) -> head.append("\r\n").append(name + ": " + value));
        return head.append("\r\n\r\n").toString();
    }

    /**
     * Sends the file, a piece at a time. Java has no timeout for writing: a client that reads
     * nothing keeps its thread until it goes. Throws IOException where the file has become shorter
     * than we have said: the next answer would be taken for its end.
     */
    private void pour(OutputStream out) throws IOException {
        byte[] piece = new byte[PIECE];
        long left = length;
        while (left > 0) {
            int count = file.read(piece, 0, (int) Math.min(left, PIECE));
            if (count < 0) {
                throw new IOException("a file has become shorter");
            }
            out.write(piece, 0, count);
            left -= count;
        }
    }
}
