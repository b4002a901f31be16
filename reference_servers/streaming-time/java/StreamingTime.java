/*
 * Streaming time over TCP: a thread for each client.
 *
 * The main thread does nothing but accept; each client has a thread that streams
 * to it and sleeps in between.
 *
 * What to look at:
 *   - flush(): without it the lines wait in the BufferedWriter until the end;
 *   - start(), not run(): run() is an ordinary call, and serves one client at a time;
 *   - the schedule: the n-th line is due at start + n seconds, however long the
 *     lines before it took. System.nanoTime() is the clock for that: nobody sets it;
 *   - the pattern of the date: MM are months and mm minutes, HH counts to 23 and hh to 12.
 *
 * Lab: streaming-time
 * Leaves to the student: nothing
 * Parameters: concurrency=together
 */
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;

public class StreamingTime {

    private static final int PORT = 2205;
    private static final int LINES = 15;
    private static final long PERIOD = 1_000_000_000L; // nanoseconds
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ssxxx");

    public static void main(String[] args) throws IOException {
        try (ServerSocket server = new ServerSocket(PORT)) {
            System.err.println("streaming the time on port " + server.getLocalPort());
            while (true) {
                Socket client = server.accept();
                new Thread(() -> serve(client)).start();
            }
        }
    }

    private static void serve(Socket client) {
        try (client) {
            stream(client);
        } catch (IOException e) { // it left: a broken pipe, or a reset
            System.err.println("lost " + client.getRemoteSocketAddress() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends one line a second, the first one at once. */
    private static void stream(Socket client) throws IOException, InterruptedException {
        BufferedWriter out = new BufferedWriter(
                new OutputStreamWriter(client.getOutputStream(), StandardCharsets.UTF_8));
        long start = System.nanoTime();
        for (int number = 0; number < LINES; number++) {
            TimeUnit.NANOSECONDS.sleep(start + number * PERIOD - System.nanoTime()); // not at all if it is past
            out.write(timeLine());
            out.flush(); // now, not when the buffer is full
        }
        discardWhatWasSaid(client.getInputStream());
    }

    /** To close while something is unread would be a reset in place of a good-bye. */
    private static void discardWhatWasSaid(InputStream in) throws IOException {
        while (in.available() > 0) {
            in.readNBytes(in.available());
        }
    }

    /** The line to send: the time that it is now, in the time zone of this host. */
    private static String timeLine() {
        String date = ZonedDateTime.now().format(FORM);
        return "{'time' : '" + date + "'}\n";
    }
}
