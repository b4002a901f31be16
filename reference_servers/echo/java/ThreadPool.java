import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Echo, a fixed pool of threads.
 *
 * Ten threads, created once, serve whoever comes; the eleventh client waits in the executor's
 * queue until one of the ten has finished.
 *
 * Choose it to bound what the server may consume: a crowd makes it slow, never dead. Its limit
 * is its size: ten silent clients keep everybody else waiting, so it suits short requests much
 * better than long conversations like these.
 *
 * Lab: echo
 * Leaves to the student: 5.4 (a pool of ten cannot serve two hundred at once)
 * Parameters: concurrency=thread-pool
 */
public class ThreadPool {

    private static final int PORT = 2323;
    private static final int BACKLOG = 256;
    private static final int POOL = 10;
    private static final String PREFIX = "> ";
    private static final String GREETING = "Welcome to the Multi-Threaded Server.\n"
            + "Send me text lines and conclude with the BYE command.\n";

    public static void main(String[] args) throws IOException {
        ExecutorService pool = Executors.newFixedThreadPool(POOL);
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(PORT), BACKLOG);
        System.err.println("listening on port " + PORT + ", " + POOL + " threads");

        while (true) {
            Socket socket = server.accept();
            pool.execute(() -> serve(socket)); // returns at once; the pool keeps the order
        }
    }

    /** Serves one client, from the greeting to the close. */
    private static void serve(Socket socket) {
        try (socket;
                BufferedReader in = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                BufferedWriter out = new BufferedWriter(
                        new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8))) {
            out.write(GREETING);
            out.flush();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.write(PREFIX + line.toUpperCase(Locale.ROOT) + "\n");
                out.flush();
                if (line.equalsIgnoreCase("BYE")) {
                    break;
                }
            }
            hangUp(socket);
        } catch (IOException e) {
            System.err.println("lost a client: " + e.getMessage());
        }
    }

    /**
     * Closes in good order: bytes left unread would turn our close into a reset. The time is
     * short, because a thread of the pool spends it.
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
