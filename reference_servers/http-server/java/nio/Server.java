/*
 * A web server on sockets: one thread, which waits for all clients together.
 *
 * Lab: http-server
 * Leaves to the student: nothing
 * Parameters: concurrency=event-loop
 *
 * Parser finds requests in what comes, Connection answers them one after the other and writes as
 * much as the client takes, Site finds and opens files, Answer says what goes back.
 */
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;

class Server {
    static final int PORT = 8080;
    /** Milliseconds between two looks for clients that say nothing. */
    static final int LOOK = 1_000;

    public static void main(String[] args) throws IOException {
        Selector selector = Selector.open();
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.bind(new InetSocketAddress(PORT), 256);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        System.err.println("serving " + Site.ROOT + " on port " + PORT);
        long looked = System.currentTimeMillis();
        while (true) {
            selector.select(LOOK);
            for (SelectionKey key : selector.selectedKeys()) {
                if (key.isValid() && key.isAcceptable()) {
                    accept(listener, selector);
                } else if (key.isValid()) {
                    serve(key);
                }
            }
            selector.selectedKeys().clear();
            if (System.currentTimeMillis() - looked >= LOOK) {
                looked = System.currentTimeMillis();
                letIdleClientsGo(selector, looked);
            }
        }
    }

    private static void accept(ServerSocketChannel listener, Selector selector) throws IOException {
        SocketChannel client = listener.accept();
        if (client == null) {
            return;
        }
        client.configureBlocking(false);
        // Or a body waits until the client has confirmed the head.
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        SelectionKey key = client.register(selector, SelectionKey.OP_READ);
        key.attach(new Connection(client, key));
    }

    private static void serve(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        try {
            connection.goOn();
        } catch (IOException gone) {
            connection.close(); // the client has gone: nobody is left to be told
        }
    }

    private static void letIdleClientsGo(Selector selector, long now) {
        for (SelectionKey key : new ArrayList<>(selector.keys())) {
            if (key.attachment() instanceof Connection connection && connection.isIdle(now)) {
                connection.close();
            }
        }
    }
}
