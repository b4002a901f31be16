/*
 * Presence over TCP: two threads for each client, and a queue between them.
 *
 * One thread reads what a person says; another one writes to that person what is in
 * the person's outbox. To tell the room something is to put a line into every outbox:
 * that never waits, so whoever does not read delays nobody.
 *
 * What to look at:
 *   - the methods of Room are synchronized: one thing happens at a time, and everybody
 *     sees the same things in the same order. Without, a list that changes while another
 *     thread walks through it throws a ConcurrentModificationException, on good days;
 *   - only the writer writes to a socket: lines can not be torn into one another;
 *   - UTF-8 is named wherever bytes become text, and the reverse: what the default
 *     is depends on the machine;
 *   - a client that vanishes takes the same way out as one that says BYE.
 *
 * Lab: presence
 * Leaves to the student: nothing
 */
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

public class PresenceServer {

    private static final int PORT = 9907;
    private static final int OUTBOX = 10_000; // lines; whoever is that far behind is disconnected
    private static final String ANONYMOUS = "An anonymous user";
    private static final String WELCOME = "Welcome. I understand HELLO name, SAY message, WHO, BYE and KILL.";
    private static final String USAGE = "What? I only understand HELLO, SAY, WHO, BYE and KILL commands";
    private static final String END = new String("the end"); // an object of its own, compared by identity

    public static void main(String[] args) throws IOException {
        Room room = new Room();
        try (ServerSocket server = new ServerSocket(PORT, 200)) {
            System.err.println("presence on port " + server.getLocalPort());
            while (true) {
                Person person = new Person(server.accept(), room);
                new Thread(person::write).start();
                new Thread(person::read).start();
            }
        }
    }

    /** Who is there. Its lock is the room itself. */
    private static class Room {
        private final List<Person> people = new ArrayList<>();

        synchronized void tell(String line) {
            for (Person person : people) {
                person.send(line);
            }
        }

        synchronized void enter(Person person) {
            tell("Someone has arrived...");
            people.add(person);
            person.send(WELCOME);
        }

        synchronized void name(Person person, String name) {
            person.name = name;
            tell(name + " is in the room.");
        }

        synchronized String who() {
            StringBuilder answer = new StringBuilder("Currently connected users:");
            for (Person person : people) {
                answer.append("\n - ").append(person.name);
            }
            return answer.toString();
        }

        /** Whoever leaves is told too; one that has vanished will not read it. */
        synchronized void leave(Person person, boolean saidBye) {
            System.err.println(person.name + (saidBye ? " said BYE" : " vanished"));
            tell(person.name + " has left the room.");
            people.remove(person);
        }
    }

    private static class Person {
        private final Socket client;
        private final Room room;
        private final BlockingQueue<String> outbox = new LinkedBlockingQueue<>(OUTBOX);
        private volatile String name = ANONYMOUS;

        Person(Socket client, Room room) {
            this.client = client;
            this.room = room;
        }

        /** Never waits. */
        void send(String line) {
            if (!outbox.offer(line)) {
                close();
            }
        }

        /** The reader's thread. */
        void read() {
            boolean saidBye = false;
            room.enter(this);
            try {
                saidBye = converse();
            } catch (IOException e) { // a reset
                System.err.println("lost " + name + ": " + e.getMessage());
            }
            room.leave(this, saidBye);
            send(END);
        }

        /** Obeys one person's commands. True after a BYE, false when the connection ends without. */
        private boolean converse() throws IOException {
            BufferedReader in = new BufferedReader(
                    new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            String line;
            while ((line = in.readLine()) != null) {
                int space = line.indexOf(' ');
                String command = space < 0 ? line : line.substring(0, space);
                String rest = space < 0 ? "" : line.substring(space + 1);
                command = command.toUpperCase(Locale.ROOT);
                if (command.equals("HELLO") && !rest.isBlank()) {
                    room.name(this, rest.trim());
                } else if (command.equals("SAY")) {
                    room.tell(name + " says: " + rest);
                } else if (command.equals("WHO")) {
                    send(room.who());
                } else if (command.equals("BYE")) {
                    return true;
                } else if (command.equals("KILL")) {
                    System.exit(0); // all threads, and all connections with them
                } else {
                    send(USAGE);
                }
            }
            return false;
        }

        /** The writer's thread: from the outbox to the socket, until there is the END. */
        void write() {
            try (BufferedWriter out = new BufferedWriter(
                    new OutputStreamWriter(client.getOutputStream(), StandardCharsets.UTF_8))) {
                for (String line = outbox.take(); line != END; line = outbox.take()) {
                    out.write(line + "\n");
                    if (outbox.isEmpty()) {
                        out.flush();
                    }
                }
            } catch (IOException e) { // nobody reads any more: the reader learns it too
                close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void close() {
            try {
                client.close();
            } catch (IOException e) {
                System.err.println("closing " + name + ": " + e.getMessage());
            }
        }
    }
}
