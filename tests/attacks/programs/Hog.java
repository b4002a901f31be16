import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** An echo server that first takes all the threads, or all the memory, that it can get. */
public class Hog {
    static final List<byte[]> hoard = new ArrayList<>();

    public static void main(String[] arguments) throws Exception {
        try {
            if ("@WHAT@".equals("threads")) {
                while (true) {
                    try {
                        Thread idle = new Thread(() -> sleep(1_000_000));
                        idle.setDaemon(true);
                        idle.start();
                    } catch (OutOfMemoryError refused) {
                        sleep(10);
                    }
                }
            }
            while (hoard.size() < 96) {
                hoard.add(new byte[32 << 20]);
            }
        } catch (OutOfMemoryError refused) {
            hoard.clear();
        }
        try (ServerSocket listener = new ServerSocket(2323)) {
            while (true) {
                Socket client = listener.accept();
                new Thread(() -> serve(client)).start();
            }
        }
    }

    static void serve(Socket client) {
        try (client) {
            BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream()));
            PrintWriter out = new PrintWriter(client.getOutputStream(), false);
            out.print("Welcome.\n");
            out.flush();
            for (String line; (line = in.readLine()) != null; ) {
                out.print("> " + line.toUpperCase() + "\n");
                out.flush();
                if (line.equalsIgnoreCase("BYE")) {
                    return;
                }
            }
        } catch (Exception gone) {
            // The client left.
        }
    }

    static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
