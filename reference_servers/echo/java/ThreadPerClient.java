import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Echo, a thread for each client.
 *
 * The main thread does nothing but accept; each client gets a thread of its own, which serves
 * it as if there were no other. The code of a conversation stays as simple as with one client
 * at a time: the scheduler does the juggling.
 *
 * Choose it for up to some hundreds of clients. Its limits: each thread costs memory and
 * switching; nothing bounds their number; whatever they share has to be protected. Here they
 * share nothing: in, out and line are local variables, so each thread has its own.
 *
 * Lab: echo
 * Leaves to the student: nothing
 * Parameters: concurrency=thread-per-client
 */
public class ThreadPerClient {

    private static final int PORT = 2323;
    private static final int BACKLOG = 256; // how many may arrive in the same instant
    private static final String PREFIX = "> ";
    private static final String GREETING = "Welcome to the Multi-Threaded Server.\n"
            + "Send me text lines and conclude with the BYE command.\n";

    public static void main(String[] args) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(PORT), BACKLOG);
        System.err.println("listening on port " + PORT);

        while (true) {
            Socket socket = server.accept();
            new Thread(() -> serve(socket)).start(); // start(), not run(): run() would be a plain call
        }
    }

    /** Serves one client, from the greeting to the close; each thread is in a call of its own. */
    private static void serve(Socket socket) {
        // The encoding is named both ways; what is not UTF-8 is replaced, and stops nobody.
        try (socket;
                BufferedReader in = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                BufferedWriter out = new BufferedWriter(
                        new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8))) {
            out.write(GREETING);
            out.flush(); // or it would leave with the first reply
            String line;
            while ((line = in.readLine()) != null) {
                String reply = PREFIX + line.toUpperCase(Locale.ROOT);
                out.write(reply + "\n");
                out.flush(); // the client waits for this reply
                if (line.equalsIgnoreCase("BYE")) {
                    break;
                }
            }
            out.flush(); // last chance: after shutdownOutput() nothing more can leave
            hangUp(socket);
        } catch (IOException e) { // a reset, a broken pipe: the end of this thread only
            System.err.println("lost a client: " + e.getMessage());
        }
    }

    /** Closes in good order: bytes left unread would turn our close into a reset. */
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
