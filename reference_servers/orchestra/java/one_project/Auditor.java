import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.DatagramPacket;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The auditor: listens to the musicians, and tells whoever connects who is active.
 *
 * Lab: orchestra
 * Leaves to the student: nothing
 */
public class Auditor {
    static final int TCP_PORT = 2205;
    static final Duration ACTIVE = Duration.ofSeconds(5);
    static final Pattern NOTE = Pattern.compile("([0-9a-f-]{36}) (\\S+)");

    record Heard(String instrument, Instant since, Instant last) {
        boolean isActive(Instant now) {
            return !last.plus(ACTIVE).isBefore(now);
        }
    }

    static final Map<String, Heard> musicians = new ConcurrentHashMap<>();

    public static void main(String[] arguments) throws IOException {
        Thread ear = new Thread(Auditor::listen);
        ear.setDaemon(true);
        ear.start();
        try (ServerSocket server = new ServerSocket(TCP_PORT)) {
            while (true) {
                Socket client = server.accept();
                new Thread(() -> serve(client)).start();
            }
        }
    }

    static void listen() {
        try (MulticastSocket socket = new MulticastSocket(Protocol.PORT)) {
            socket.joinGroup(new InetSocketAddress(InetAddress.getByName(Protocol.GROUP), 0), null);
            byte[] buffer = new byte[65_535];
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                hear(new String(buffer, 0, packet.getLength(), StandardCharsets.UTF_8));
            }
        } catch (IOException error) {
            error.printStackTrace();
        }
    }

    static void hear(String message) {
        Matcher note = NOTE.matcher(message);
        if (!note.matches()) {
            return; // no musician's
        }
        String instrument = Protocol.instrumentOf(note.group(2));
        if (instrument == null) {
            return;
        }
        Instant now = Instant.now();
        musicians.merge(note.group(1), new Heard(instrument, now, now), (known, heard) ->
            new Heard(instrument, known.isActive(now) ? known.since() : now, now));
    }

    static String active() {
        Instant now = Instant.now();
        musicians.values().removeIf(heard -> !heard.isActive(now));
        return musicians.entrySet().stream()
            .map(entry -> String.format(
                "{\"uuid\":\"%s\",\"instrument\":\"%s\",\"activeSince\":\"%s\"}",
                entry.getKey(), entry.getValue().instrument(), entry.getValue().since()))
            .collect(Collectors.joining(",", "[", "]"));
    }

    static void serve(Socket client) {
        try (client) {
            client.getOutputStream().write((active() + "\r\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            // The client has left: nobody is told anything.
        }
    }
}
