import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** An answer, and how it is written. */
class Answer {
    /** As in `Tue, 01 Dec 2026 10:00:00 GMT`. */
    static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);
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
    /** A file of which `length` octets are sent, from `offset` on; null: none. */
    final FileChannel file;
    final long offset;
    final long length;
    boolean closes;
    private final byte[] body;
    private final Map<String, String> headers;

    Answer(int status, byte[] body, Map<String, String> headers) {
        this(status, body, null, 0, body.length, headers);
    }

    Answer(int status, FileChannel file, long offset, long length, Map<String, String> headers) {
        this(status, new byte[0], file, offset, length, headers);
    }

    private Answer(
            int status,
            byte[] body,
            FileChannel file,
            long offset,
            long length,
            Map<String, String> headers) {
        this.status = status;
        this.body = body;
        this.file = file;
        this.offset = offset;
        this.length = length;
        this.headers = new LinkedHashMap<>(headers);
    }

    /** Whether octets of the file follow the head. */
    boolean hasFile(Request request) {
        return file != null && !isHeadAlone(request);
    }

    private boolean isHeadAlone(Request request) {
        return status == 304 || (request != null && request.method.equals("HEAD"));
    }

    /** The head, and a body that is no file. */
    byte[] octets(Request request) {
        byte[] head = head(request).getBytes(StandardCharsets.ISO_8859_1);
        if (isHeadAlone(request)) {
            return head;
        }
        byte[] all = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
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
}
