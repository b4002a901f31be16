import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;

/**
 * Echo, an event loop: one thread, non-blocking channels, one selector.
 *
 * The selector says which channels can be read or written without waiting; the loop does that
 * little, and asks again. What a thread would keep in its local variables and in its position
 * in the code is kept in an object for each client.
 *
 * Choose it for very many clients that are mostly silent. Its limits: one core; whatever takes
 * long or blocks stops everybody; the conversation is cut into events and harder to read.
 *
 * Lab: echo
 * Leaves to the student: nothing
 * Parameters: concurrency=event-loop
 */
public class Nio {

    private static final int PORT = 2323;
    private static final int BACKLOG = 256;
    private static final String PREFIX = "> ";
    private static final String GREETING = "Welcome to the Event-Driven Server.\n"
            + "Send me text lines and conclude with the BYE command.\n";
    private static final long LINGER = 500_000_000; // ns for a client to close its side after we closed ours

    /** Clients that we have hung up on, earliest deadline first. */
    private static final Queue<Client> lingering = new ArrayDeque<>();

    public static void main(String[] args) throws IOException {
        Selector selector = Selector.open();
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.bind(new InetSocketAddress(PORT), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        System.err.println("listening on port " + PORT);

        while (true) {
            // The only place where we wait: without limit (0), unless somebody has a deadline.
            selector.select(lingering.isEmpty() ? 0 : 100);
            for (SelectionKey key : selector.selectedKeys()) {
                if (key.isAcceptable()) {
                    SocketChannel channel = listener.accept();
                    channel.configureBlocking(false);
                    SelectionKey itsKey = channel.register(selector, SelectionKey.OP_WRITE);
                    itsKey.attach(new Client(channel, itsKey));
                } else {
                    ((Client) key.attachment()).advance();
                }
            }
            selector.selectedKeys().clear(); // the selector adds to this set, and never takes away
            while (!lingering.isEmpty() && lingering.peek().deadline - System.nanoTime() <= 0) {
                lingering.remove().close();
            }
        }
    }

    private static class Client {
        private static final ByteBuffer input = ByteBuffer.allocate(8192); // emptied before anybody else's turn

        private final SocketChannel channel;
        private final SelectionKey key;
        /** The beginning of a line whose end has not come yet: bytes, as it may end in mid-character. */
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        /** What the kernel has not taken yet. */
        private ByteBuffer output = StandardCharsets.UTF_8.encode(GREETING);
        private boolean leaving; // has said BYE, or has closed its side
        private long deadline; // of its close, once we have closed our side

        Client(SocketChannel channel, SelectionKey key) {
            this.channel = channel;
            this.key = key;
        }

        /**
         * Does what can be done now, then waits for the one thing that comes next. A client with
         * replies to take is not read from: it fills no memory, and it delays nobody else.
         */
        void advance() {
            try {
                boolean open = output.hasRemaining() || read();
                channel.write(output);
                if (leaving && !output.hasRemaining() && deadline == 0) {
                    channel.shutdownOutput();
                    deadline = System.nanoTime() + LINGER;
                    lingering.add(this);
                }
                if (open) {
                    key.interestOps(output.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
                } else {
                    close();
                }
            } catch (IOException e) { // a reset, a broken pipe
                System.err.println("lost a client: " + e.getMessage());
                close();
            }
        }

        /** Reads what there is: any number of lines, and often a part of one. */
        private boolean read() throws IOException {
            input.clear();
            int count = channel.read(input);
            input.flip();
            if (deadline != 0) {
                return count >= 0; // lines after BYE: read, so that our close is no reset; ignored
            }
            ByteArrayOutputStream replies = new ByteArrayOutputStream();
            while (input.hasRemaining() && !leaving) {
                byte b = input.get();
                if (b == '\n') {
                    answer(replies);
                } else {
                    line.write(b);
                }
            }
            if (count < 0) { // the end of the stream
                if (line.size() > 0) {
                    answer(replies); // a last line without its newline
                }
                leaving = true;
            }
            output = ByteBuffer.wrap(replies.toByteArray());
            return true;
        }

        private void answer(ByteArrayOutputStream replies) throws IOException {
            String text = line.toString(StandardCharsets.UTF_8);
            line.reset();
            if (text.endsWith("\r")) {
                text = text.substring(0, text.length() - 1);
            }
            replies.write((PREFIX + text.toUpperCase(Locale.ROOT) + "\n").getBytes(StandardCharsets.UTF_8));
            leaving = text.equalsIgnoreCase("BYE");
        }

        private void close() {
            try {
                channel.close(); // its key goes with it
            } catch (IOException e) {
                System.err.println("cannot close: " + e.getMessage());
            }
        }
    }
}
