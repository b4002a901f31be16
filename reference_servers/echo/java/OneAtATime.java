import java.io.*;
import java.net.*;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Echo, one client at a time.
 *
 * One loop: accept a client, serve it to its end, accept the next. There is nothing simpler,
 * and no two clients ever share a moment.
 *
 * Choose it when conversations are short, or when clients must not overlap. Its limit: while
 * one client is here, however silent, all others wait. They do connect, because the kernel
 * accepts for us and queues them (the backlog); but nobody speaks to them.
 *
 * Lab: echo-sequential
 * Leaves to the student: nothing
 */
public class OneAtATime {

    private static final int PORT = 2424;
    private static final int BACKLOG = 256; // how many may wait
    private static final String PREFIX = "> ";
    private static final String GREETING = "Welcome to the Single-Threaded Server.\n"
            + "Send me text lines and conclude with the BYE command.\n";
    // Never leave the encoding to the platform: it is another one on the next machine.
    private static final Charset CHARSET = StandardCharsets.UTF_8;

    public static void main(String[] args) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true); // lets us start again while old connections are in TIME_WAIT
        server.bind(new InetSocketAddress(PORT), BACKLOG); // no address: every address of this host
        System.err.println("listening on port " + PORT);

        while (true) {
            try (Socket socket = server.accept();
                    BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), CHARSET));
                    BufferedWriter out = new BufferedWriter(new OutputStreamWriter(socket.getOutputStream(), CHARSET))) {
                out.write(GREETING);
                out.flush(); // a buffer keeps what it is given until it is told otherwise
                String line;
                while ((line = in.readLine()) != null) { // null: the client has left without BYE
                    // Locale.ROOT: in the Turkish locale, the upper case of i has a dot.
                    out.write(PREFIX + line.toUpperCase(Locale.ROOT) + "\n");
                    out.flush(); // the client waits for this reply
                    if (line.equalsIgnoreCase("BYE")) {
                        break;
                    }
                }
                hangUp(socket);
            } catch (IOException e) { // a reset, a broken pipe: this client's loss, not the next one's
                System.err.println("lost a client: " + e.getMessage());
            }
        }
    }

    /**
     * Closes in good order. To close while unread bytes are waiting makes the kernel send a
     * reset, and a reset may destroy our last reply on its way. So say that we have finished,
     * read what the client had still to say (for half a second, not for ever), then close.
     */
    private static void hangUp(Socket socket) throws IOException {
        socket.shutdownOutput();
        byte[] ignored = new byte[8192];
        long end = System.nanoTime() + 500_000_000;
        for (long left; (left = (end - System.nanoTime()) / 1_000_000) > 0;) {
            socket.setSoTimeout((int) left);
            if (socket.getInputStream().read(ignored) < 0) {
                return;
            }
        }
    }
}
