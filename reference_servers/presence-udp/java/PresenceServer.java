/*
 * Presence over UDP: one socket, one thread that receives, and one that keeps the time.
 *
 * The main thread answers datagrams. What is due by the clock (the beacon, and forgetting
 * those who have fallen silent) is done by a ScheduledExecutorService, whether or not
 * anything arrives. Both use the list of people: the methods that do are synchronized.
 *
 * What to look at:
 *   - a buffer that is used again still holds what came before: only getLength() bytes count;
 *   - scheduleAtFixedRate keeps an absolute schedule, scheduleWithFixedDelay drifts; and a
 *     task that throws is never run again, without a word: so send() catches;
 *   - people are told apart by the address and port that their datagrams come from;
 *   - one socket for everything, never connected: connected, it would hear one client only.
 *
 * Lab: presence-udp
 * Leaves to the student: nothing
 */
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

public class PresenceServer {

    private static final int PORT = 9907;
    private static final long EXPIRY = 5_000_000_000L; // nanoseconds
    private static final long BEACON_PERIOD = 1000; // milliseconds
    private static final long CHECK_PERIOD = 200; // milliseconds
    private static final SocketAddress GROUP = new InetSocketAddress("239.255.22.5", 9908);
    private static final int LONGEST = 1400; // bytes in a datagram
    private static final int BUFFER = 65535; // more than any datagram holds
    private static final String PRESENCE = "PRESENCE " + PORT;
    private static final String HEADING = "Currently in the room:";
    private static final String WHO_ARE_YOU = "Who are you? Say HELLO name first";
    private static final String USAGE = "What? I only understand HELLO, SAY, WHO, ALIVE and BYE";
    private static final List<String> SIGNS_OF_LIFE = List.of("HELLO", "SAY", "WHO", "ALIVE");

    private static class Person {
        private String name;
        private long heard = System.nanoTime(); // when the last sign of life came
    }

    private final DatagramSocket socket;
    private final Map<SocketAddress, Person> people = new LinkedHashMap<>();

    private PresenceServer(DatagramSocket socket) {
        this.socket = socket;
    }

    public static void main(String[] args) throws IOException {
        DatagramSocket socket = new DatagramSocket(PORT); // any address: broadcasts arrive too
        socket.setReceiveBufferSize(1 << 20); // for when everybody talks at once
        System.err.println("presence on UDP port " + socket.getLocalPort());
        PresenceServer server = new PresenceServer(socket);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        clock.scheduleAtFixedRate(() -> server.send(GROUP, PRESENCE), 0, BEACON_PERIOD, TimeUnit.MILLISECONDS);
        clock.scheduleAtFixedRate(server::forgetTheSilent, CHECK_PERIOD, CHECK_PERIOD, TimeUnit.MILLISECONDS);
        server.receiveForEver();
    }

    private void receiveForEver() {
        DatagramPacket packet = new DatagramPacket(new byte[BUFFER], BUFFER);
        while (true) {
            try {
                packet.setLength(BUFFER); // receive() has set it to the length of what came
                socket.receive(packet);
            } catch (IOException e) {
                System.err.println("could not receive: " + e.getMessage());
                continue;
            }
            String text = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
            handle(text.replaceFirst("\r?\n$", ""), packet.getSocketAddress());
        }
    }

    private synchronized void handle(String text, SocketAddress address) {
        String[] words = text.split(" ", 2);
        String command = words[0].toUpperCase(Locale.ROOT);
        String rest = words.length < 2 ? "" : words[1];
        Person person = people.get(address);
        if (person != null && SIGNS_OF_LIFE.contains(command)) {
            person.heard = System.nanoTime();
        }

        if (command.equals("DISCOVER")) {
            send(address, PRESENCE);
        } else if (command.equals("HELLO") && person != null) { // the first answer may have been lost
            send(address, person.name + " is in the room.");
        } else if (command.equals("HELLO") && !rest.isBlank()) {
            person = new Person();
            person.name = rest.trim();
            people.put(address, person);
            tell(person.name + " is in the room.");
        } else if (person == null) {
            send(address, WHO_ARE_YOU);
        } else if (command.equals("SAY")) {
            tell(person.name + " says: " + rest);
        } else if (command.equals("WHO")) {
            who(address);
        } else if (command.equals("BYE")) {
            leave(address); // who is told, too
        } else if (!command.equals("ALIVE")) { // which has no answer
            send(address, USAGE);
        }
    }

    /** Heading and names, in as many datagrams as it takes, each with whole lines. */
    private void who(SocketAddress address) {
        String answer = HEADING;
        for (Person person : people.values()) {
            String line = "\n - " + person.name;
            if ((answer + line).getBytes(StandardCharsets.UTF_8).length > LONGEST) {
                send(address, answer);
                answer = HEADING;
            }
            answer += line;
        }
        send(address, answer);
    }

    private synchronized void forgetTheSilent() {
        long now = System.nanoTime();
        for (SocketAddress address : List.copyOf(people.keySet())) {
            if (now - people.get(address).heard > EXPIRY) {
                leave(address);
            }
        }
    }

    private void leave(SocketAddress address) {
        tell(people.get(address).name + " has left the room.");
        people.remove(address);
    }

    private void tell(String text) {
        people.keySet().forEach(address -> send(address, text));
    }

    private void send(SocketAddress address, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            socket.send(new DatagramPacket(bytes, bytes.length, address));
        } catch (IOException e) { // no route, say: no reason to leave the others alone
            System.err.println("could not send to " + address + ": " + e.getMessage());
        }
    }
}
