/*
 * Roulette, version 2: a thread for each client, and one store for all of them.
 *
 * What to look at:
 *   - the methods of Store are synchronized, and wait for nobody: the names of a LOAD are
 *     collected first, and stored when they are complete;
 *   - UTF-8 is named wherever bytes become text, and the reverse: what the default is depends
 *     on the machine;
 *   - readLine() returns null when the client has gone, in the middle of a LOAD, too.
 *
 * Lab: roulette
 * Leaves to the student: nothing
 */
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;

public class Roulette {

    private static final int PORT = 2613;
    private static final List<String> COMMANDS = List.of("HELP", "RANDOM", "LOAD", "LIST", "CLEAR", "INFO", "BYE");

    public static void main(String[] args) throws IOException {
        Store store = new Store();
        try (ServerSocket server = new ServerSocket(PORT)) {
            System.err.println("roulette on port " + server.getLocalPort());
            while (true) {
                Socket connection = server.accept();
                new Thread(() -> serve(connection, store)).start();
            }
        }
    }

    private static void serve(Socket connection, Store store) {
        try (connection) {
            new Client(connection, store).converse();
        } catch (IOException gone) { // a reset
            System.err.println("a client has gone: " + gone);
        }
    }

    /** The students, whom all clients share. */
    private static class Store {
        private final List<String> students = new ArrayList<>();
        private final Random random = new Random();

        synchronized void add(List<String> names) {
            students.addAll(names);
        }

        synchronized void clear() {
            students.clear();
        }

        synchronized List<String> all() {
            return new ArrayList<>(students);
        }

        /** One of them; null where there is none. */
        synchronized String pick() {
            return students.isEmpty() ? null : students.get(random.nextInt(students.size()));
        }
    }

    /** One client: its connection, and the commands that it has sent. */
    private static class Client {
        private final Store store;
        private final BufferedReader in;
        private final PrintWriter out;
        private int commands = 0;

        Client(Socket connection, Store store) throws IOException {
            this.store = store;
            in = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
            out = new PrintWriter(new OutputStreamWriter(connection.getOutputStream(), StandardCharsets.UTF_8));
        }

        private void say(String text) {
            out.print(text + "\n");
            out.flush();
        }

        void converse() throws IOException {
            say("Hello. Online HELP is available. Will you find it?");
            String line;
            while ((line = in.readLine()) != null) {
                String command = line.trim().toUpperCase(Locale.ROOT);
                commands++;
                if (command.equals("BYE")) {
                    say("{\"status\":\"success\",\"numberOfCommands\":" + commands + "}");
                    return;
                }
                obey(command);
            }
        }

        private void obey(String command) throws IOException {
            switch (command) {
                case "HELP":
                    say("Commands: " + COMMANDS);
                    break;
                case "INFO":
                    say("{\"protocolVersion\":\"2.0\",\"numberOfStudents\":" + store.all().size() + "}");
                    break;
                case "LOAD":
                    load();
                    break;
                case "RANDOM":
                    String name = store.pick();
                    say(name == null ? "{\"error\":\"There is no student\"}" : student(name));
                    break;
                case "LIST":
                    List<String> all = store.all();
                    String listed = all.stream().map(Client::student).collect(Collectors.joining(","));
                    say("{\"students\":[" + listed + "]}");
                    break;
                case "CLEAR":
                    store.clear();
                    say("DATASTORE CLEARED");
                    break;
                default:
                    say("Huh? please use HELP if you don't know what commands are available.");
            }
        }

        private void load() throws IOException {
            List<String> names = new ArrayList<>();
            say("Send your data [end with ENDOFDATA]");
            String name;
            while (!"ENDOFDATA".equals(name = in.readLine())) {
                if (name == null) { // it left in the middle: nobody is loaded
                    return;
                }
                names.add(name);
            }
            store.add(names);
            say("{\"status\":\"success\",\"numberOfNewStudents\":" + names.size() + "}");
        }

        /** A student as JSON. */
        private static String student(String name) {
            return "{\"fullname\":\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}";
        }
    }
}
