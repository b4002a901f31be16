/*
 * Roulette, version 1: a pool of threads, which makes a new one when all are busy.
 *
 * What to look at:
 *   - a pool of ten would let the eleventh client wait; a cached one grows;
 *   - the list is one that several threads may change, and that is copied for a draw;
 *   - the encoding of System.in has nothing to do with that of the connection.
 *
 * Lab: roulette-1
 * Leaves to the student: nothing
 */
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

public class FirstVersion {

    private static final int PORT = 1313;
    private static final List<String> students = new CopyOnWriteArrayList<>();

    public static void main(String[] args) throws IOException {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (ServerSocket server = new ServerSocket(PORT)) {
            while (true) {
                Socket client = server.accept();
                threads.execute(() -> serve(client));
            }
        }
    }

    private static void serve(Socket client) {
        try (client;
                BufferedReader in = new BufferedReader(
                        new java.io.InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
                BufferedWriter out = new BufferedWriter(
                        new java.io.OutputStreamWriter(client.getOutputStream(), StandardCharsets.UTF_8))) {
            say(out, "Hello. Online HELP is available. Will you find it?");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String command = line.trim().toUpperCase(Locale.ROOT);
                if (command.equals("BYE")) {
                    return;
                }
                if (command.equals("LOAD")) {
                    say(out, "Send your data [end with ENDOFDATA]");
                    say(out, load(in));
                } else {
                    say(out, answer(command));
                }
            }
        } catch (IOException gone) { // a reset
            System.err.println("a client has gone: " + gone);
        }
    }

    private static void say(BufferedWriter out, String text) throws IOException {
        out.write(text);
        out.write('\n');
        out.flush();
    }

    private static String load(BufferedReader in) throws IOException {
        for (String name = in.readLine(); name != null; name = in.readLine()) {
            if (name.equals("ENDOFDATA")) {
                return "DATA LOADED";
            }
            students.add(name);
        }
        return "";
    }

    private static String answer(String command) {
        switch (command) {
            case "HELP":
                return "Commands: [HELP, RANDOM, LOAD, INFO, BYE]";
            case "INFO":
                return "{\"protocolVersion\":\"1.0\",\"numberOfStudents\":" + students.size() + "}";
            case "RANDOM":
                List<String> now = List.copyOf(students);
                if (now.isEmpty()) {
                    return "{\"error\":\"There is no student\"}";
                }
                String name = now.get(ThreadLocalRandom.current().nextInt(now.size()));
                return "{\"fullname\":\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}";
            default:
                return "Huh? please use HELP if you don't know what commands are available.";
        }
    }
}
