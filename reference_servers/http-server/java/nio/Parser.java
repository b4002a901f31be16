import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds requests in what a client sends, however it is cut (RFC 9112, sections 2 to 7). */
class Parser {
    /** Octets of a request line; RFC 9112 asks for 8,000. */
    static final int LONGEST_LINE = 16_000;
    static final int LONGEST_HEAD = 65_536;
    static final int MOST_HEADERS = 100;
    /** Octets of a body. */
    static final int LARGEST = 1_000_000;
    /** Octets of a chunk's size with its extensions, and of a trailer. */
    static final int LONGEST_SIZE = 1_000;
    static final Pattern SIZE = Pattern.compile("([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?");

    /** What is read next. */
    private enum Step { REQUEST_LINE, HEADER, BODY, SIZE, CHUNK, TRAILER, NOTHING }

    private Step step = Step.REQUEST_LINE;
    private byte[] buffer = new byte[8_192];
    private int begins;
    private int ends;
    /** Up to where no line end was found: a line that comes octet by octet is searched once. */
    private int searched;
    private Request request;
    private int left;
    /** Headers, or trailers, that have come. */
    private int fields;
    private boolean goOn;
    private ByteArrayOutputStream body;

    boolean isStopped() {
        return step == Step.NOTHING;
    }

    /** Whether nothing of a further request has come. */
    boolean isBetweenRequests() {
        return isStopped() || (step == Step.REQUEST_LINE && begins == ends);
    }

    void stop() {
        step = Step.NOTHING;
        begins = ends = searched = 0;
        buffer = new byte[0];
    }

    /** Whether a client waits for a sign before it sends its body; true once. */
    boolean asksToGoOn() {
        boolean asked = goOn;
        goOn = false;
        return asked;
    }

    /** Takes what has come; adds each request, or the refusal of one, to `found`. */
    void feed(byte[] data, Queue<Object> found) {
        append(data);
        try {
            while (goOneStep(found)) {
                // there may be more
            }
        } catch (Refused refused) {
            stop();
            refused.request = request;
            found.add(refused.andClose()); // where the next request begins is not known
        }
    }

    private void append(byte[] data) {
        if (ends + data.length > buffer.length) {
            int there = ends - begins;
            byte[] room = new byte[Math.max(8_192, 2 * (there + data.length))];
            System.arraycopy(buffer, begins, room, 0, there);
            searched -= begins;
            buffer = room;
            begins = 0;
            ends = there;
        }
        System.arraycopy(data, 0, buffer, ends, data.length);
        ends += data.length;
    }

    private boolean goOneStep(Queue<Object> found) throws Refused {
        switch (step) {
            case REQUEST_LINE:
                return requestLine();
            case HEADER:
                return header(found);
            case BODY:
                return body(found);
            case SIZE:
                return size();
            case CHUNK:
                return chunk();
            case TRAILER:
                return trailer(found);
            default:
                return false;
        }
    }

    /** The next line without its end, each octet a character; null where it has not come. */
    private String line(int most, int tooLong) throws Refused {
        int at = Math.max(begins, searched);
        while (at < ends && buffer[at] != '\n') {
            at++;
        }
        searched = at;
        if (at - begins > most) {
            throw new Refused(tooLong);
        }
        if (at == ends) {
            return null;
        }
        int last = at > begins && buffer[at - 1] == '\r' ? at - 1 : at;
        String line = new String(buffer, begins, last - begins, StandardCharsets.ISO_8859_1);
        begins = searched = at + 1;
        return line;
    }

    private byte[] octets(int count) {
        byte[] data = Arrays.copyOfRange(buffer, begins, begins + count);
        begins = searched = begins + count;
        return data;
    }

    private boolean requestLine() throws Refused {
        String line = line(LONGEST_LINE, 414);
        if (line == null || line.isEmpty()) {
            return line != null; // an empty line before a request is passed over
        }
        request = new Request(line);
        left = LONGEST_HEAD;
        fields = 0;
        step = Step.HEADER;
        return true;
    }

    private boolean header(Queue<Object> found) throws Refused {
        String line = line(left, 431);
        if (line == null) {
            return false;
        }
        if (line.isEmpty()) {
            endOfHead(found);
            return true;
        }
        left -= line.length() + 2;
        if (left < 0 || ++fields > MOST_HEADERS) {
            throw new Refused(431);
        }
        request.addHeader(line);
        return true;
    }

    private void endOfHead(Queue<Object> found) throws Refused {
        request.requireHost();
        String coding = request.header("transfer-encoding", null);
        String length = request.header("content-length", null);
        if (coding != null && (length != null || request.minor == 0)) {
            // Who reads it by its length, and who by its chunks, see different requests; and
            // HTTP/1.0 knows no chunks.
            throw new Refused(400);
        }
        if (coding != null) {
            if (!coding.equalsIgnoreCase("chunked")) {
                throw new Refused(501);
            }
            body = new ByteArrayOutputStream();
            step = Step.SIZE;
        } else if (length != null) {
            if (!length.matches("[0-9]{1,18}")) {
                throw new Refused(400);
            }
            if (Long.parseLong(length) > LARGEST) {
                throw new Refused(413);
            }
            left = Integer.parseInt(length);
            step = Step.BODY;
        } else {
            done(new byte[0], found);
            return;
        }
        boolean waits = request.header("expect", "").equalsIgnoreCase("100-continue");
        goOn = waits && request.minor > 0; // HTTP/1.0 knows no answer before the answer
    }

    private boolean body(Queue<Object> found) {
        if (ends - begins < left) {
            return false;
        }
        done(octets(left), found);
        return true;
    }

    private boolean size() throws Refused {
        String line = line(LONGEST_SIZE, 400);
        if (line == null) {
            return false;
        }
        Matcher size = SIZE.matcher(line);
        if (!size.matches()) {
            throw new Refused(400);
        }
        long length = Long.parseLong(size.group(1), 16);
        if (body.size() + length > LARGEST) {
            throw new Refused(413);
        }
        left = (int) length;
        fields = 0;
        step = length > 0 ? Step.CHUNK : Step.TRAILER;
        return true;
    }

    private boolean chunk() throws Refused {
        if (ends - begins < left + 2) {
            return false;
        }
        body.writeBytes(octets(left));
        byte[] end = octets(2);
        if (end[0] != '\r' || end[1] != '\n') {
            throw new Refused(400);
        }
        step = Step.SIZE;
        return true;
    }

    private boolean trailer(Queue<Object> found) throws Refused {
        String line = line(LONGEST_SIZE, 431);
        if (line == null) {
            return false;
        }
        if (line.isEmpty()) {
            done(body.toByteArray(), found);
        } else if (++fields > MOST_HEADERS) {
            throw new Refused(431);
        }
        return true;
    }

    private void done(byte[] octets, Queue<Object> found) {
        request.body = octets;
        found.add(request);
        request = null;
        goOn = false; // its body has come all the same
        step = Step.REQUEST_LINE;
    }
}
