import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;

// Labo 2 - Hugo
public class MultiServer {

    static final int PORT = 2323;

    // everybody who is connected
    static final List<Socket> clients = new CopyOnWriteArrayList<>();

    public static void main(String[] args) throws IOException {
        ExecutorService pool = Executors.newCachedThreadPool();
        ServerSocket listener = new ServerSocket(PORT);
        for (;;) {
            Socket socket = listener.accept();
            clients.add(socket);
            pool.execute(() -> work(socket));
        }
    }

    static void work(Socket socket) {
        try {
            BufferedReader reader = new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            Writer writer = new OutputStreamWriter(
                socket.getOutputStream(), StandardCharsets.UTF_8);
            boolean done = false;
            while (!done) {
                String line = reader.readLine();
                if (line == null) {
                    break;
                }
                done = line.equalsIgnoreCase("bye");
                writer.write("> " + line.toUpperCase(Locale.ENGLISH) + "\n");
                writer.flush();
            }
        } catch (IOException e) {
            System.out.println(e);
        }
    }
}
