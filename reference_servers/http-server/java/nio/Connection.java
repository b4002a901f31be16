import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;

/** The conversation with one client: what it has asked, and what it has not taken yet. */
class Connection {
    /** Milliseconds after which a client that says nothing is let go. */
    static final int IDLE = 30_000;
    /** The same of one that takes nothing. The kernel holds a lot for it: a slow one needs long. */
    static final int UNREAD = 300_000;
    /** Octets of a file after which it is the others' turn, however fast this client reads. */
    static final int TURN = 1_048_576;
    /** Milliseconds that a client may still send when it has been refused. */
    static final int LINGER = 1_000;
    /** Requests that wait for their answer, after which no more is read. */
    static final int MOST_WAITING = 16;
    static final List<String> NOT_ALLOWED =
            List.of("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT");
    /** What one read may bring. One thread reads at a time: one buffer is enough for all. */
    private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(65_536);
    private static final byte[] GO_ON =
            "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final SocketChannel client;
    private final SelectionKey key;
    private final Parser parser = new Parser();
    private final ArrayDeque<Object> waiting = new ArrayDeque<>();
    private ByteBuffer head = ByteBuffer.allocate(0);
    private FileChannel file;
    private long offset;
    private long left;
    private boolean closes;
    private boolean ended;
    /** When the client last said or took something, or when we closed our side. */
    private long moved = System.currentTimeMillis();

    Connection(SocketChannel client, SelectionKey key) {
        this.client = client;
        this.key = key;
    }

    boolean isIdle(long now) {
        boolean parted = client.socket().isOutputShutdown();
        return now - moved > (parted ? LINGER : isAnswering() ? UNREAD : IDLE);
    }

    private boolean isAnswering() {
        return head.hasRemaining() || left > 0;
    }

    void close() {
        key.cancel();
        try (SocketChannel closed = client) {
            closeFile();
        } catch (IOException error) {
            // It is closed all the same.
        }
    }

    /** Reads what has come, and writes what the client takes. */
    void goOn() throws IOException {
        if (key.isReadable()) {
            read();
        }
        while (key.isValid() && write() && next()) {
            // answered: the next request
        }
        if (!key.isValid()) {
            return;
        }
        boolean more = isAnswering();
        if (!more && closes) {
            part();
        } else if (!more && ended) {
            close();
        } else {
            boolean reads = !ended && waiting.size() < MOST_WAITING;
            key.interestOps((more ? SelectionKey.OP_WRITE : 0) | (reads ? SelectionKey.OP_READ : 0));
        }
    }

    private void read() throws IOException {
        INPUT.clear();
        int count = client.read(INPUT);
        if (count < 0) {
            ended = true; // of what it says: it may still read
            return;
        }
        if (closes && parser.isStopped()) {
            return; // it has been refused: what else it says is not heard
        }
        moved = System.currentTimeMillis();
        INPUT.flip();
        byte[] data = new byte[count];
        INPUT.get(data);
        parser.feed(data, waiting);
    }

    /** Begins the answer to the next request, or asks for its body; false where none waits. */
    private boolean next() {
        Object first = closes ? null : waiting.poll();
        if (first == null) {
            if (closes || !parser.asksToGoOn()) {
                return false;
            }
            head = ByteBuffer.wrap(GO_ON); // in its turn: all that came before is answered
            return true;
        }
        Request request = first instanceof Refused refused ? refused.request : (Request) first;
        Answer answer;
        try {
            if (first instanceof Refused refused) {
                throw refused;
            }
            answer = answerTo(request);
        } catch (Refused refused) {
            answer = refused.answer();
        }
        answer.closes |= request != null && !request.keepsAlive();
        closes = answer.closes;
        if (closes) {
            parser.stop();
        }
        head = ByteBuffer.wrap(answer.octets(request));
        file = answer.file;
        offset = answer.offset;
        left = answer.hasFile(request) ? answer.length : 0;
        return true;
    }

    private static Answer answerTo(Request request) throws Refused {
        switch (request.method) {
            case "GET":
            case "HEAD":
                return Site.answer(request);
            case "POST":
                if (!request.path.equals("/echo")) {
                    throw new Refused(405).with("Allow", "GET, HEAD");
                }
                String type = request.header("content-type", "application/octet-stream");
                return new Answer(200, request.body, Map.of("Content-Type", type));
            default:
                if (NOT_ALLOWED.contains(request.method)) {
                    throw new Refused(405).with("Allow", "GET, HEAD");
                }
                throw new Refused(501);
        }
    }

    /** Writes as much as the client takes, or a turn; whether that was all. */
    private boolean write() throws IOException {
        while (head.hasRemaining()) {
            if (client.write(head) == 0) {
                return false;
            }
            moved = System.currentTimeMillis();
        }
        long end = offset + TURN;
        while (left > 0) {
            if (offset >= end) {
                return false;
            }
            long count = file.transferTo(offset, Math.min(left, 65_536), client);
            if (count == 0 && offset >= file.size()) {
                // The next answer would be taken for its end.
                throw new IOException("a file has become shorter");
            }
            if (count == 0) {
                return false;
            }
            moved = System.currentTimeMillis();
            offset += count;
            left -= count;
        }
        closeFile();
        return true;
    }

    private void closeFile() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    /**
     * Closes our side and reads on for a moment: a close over unread octets would be a reset, and
     * could take the answer from the client before it has read it.
     */
    private void part() throws IOException {
        if (ended) {
            close();
            return;
        }
        if (!client.socket().isOutputShutdown()) {
            client.shutdownOutput();
            moved = System.currentTimeMillis();
        }
        key.interestOps(SelectionKey.OP_READ);
    }
}
