import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;

/** The conversation with one client: what it has asked, and what it has not taken yet. */
class Connection {
    /** Milliseconds after which a client that says nothing, or takes nothing, is let go. */
    static final int IDLE = 30_000;
    /** Milliseconds that a client may still send when it has been refused. */
    static final int LINGER = 1_000;
    /** Requests that wait for their answer, after which no more is read. */
    static final int MOST_WAITING = 16;
    static final List<String> NOT_ALLOWED =
            List.of("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT");
    /** What one read may bring. One thread reads at a time: one buffer is enough for all. */
    private static final ByteBuffer INPUT = ByteBuffer.allocateDirect(65_536);

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
    private long until = System.currentTimeMillis() + IDLE;

    Connection(SocketChannel client, SelectionKey key) {
        this.client = client;
        this.key = key;
    }

    boolean isIdle(long now) {
        return now > until;
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
        boolean more = head.hasRemaining() || left > 0;
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
            ended = true;
            if (closes) {
                close();
            }
            return;
        }
        if (closes && parser.isStopped()) {
            return; // it has been refused: what else it says is not heard
        }
        until = System.currentTimeMillis() + IDLE;
        INPUT.flip();
        byte[] data = new byte[count];
        INPUT.get(data);
        parser.feed(data, waiting);
        if (parser.asksToGoOn()) {
            client.write(ByteBuffer.wrap("HTTP/1.1 100 Continue\r\n\r\n".getBytes()));
        }
    }

    /** Begins the answer to the next request; false where none waits. */
    private boolean next() throws IOException {
        Object first = closes ? null : waiting.poll();
        if (first == null) {
            return false;
        }
        Request request = first instanceof Request ? (Request) first : null;
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

    /** Writes as much as the client takes; whether that was all. */
    private boolean write() throws IOException {
        while (head.hasRemaining()) {
            if (client.write(head) == 0) {
                return false;
            }
            until = System.currentTimeMillis() + IDLE;
        }
        while (left > 0) {
            long count = file.transferTo(offset, Math.min(left, 65_536), client);
            if (count == 0) {
                return false;
            }
            until = System.currentTimeMillis() + IDLE;
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
            until = System.currentTimeMillis() + LINGER;
        }
        key.interestOps(SelectionKey.OP_READ);
    }
}
