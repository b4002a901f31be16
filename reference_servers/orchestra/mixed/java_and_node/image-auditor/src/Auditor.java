import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An auditor of musicians that broadcast. It gives each of them a uuid, as they have none: who it
 * is tell its address and its port.
 *
 * Lab: orchestra
 * Leaves to the student: nothing
 */
public class Auditor {
    static final int TCP_PORT = 2205;
    static final int UDP_PORT = 4411;
    static final long ACTIVE = 5_000; // milliseconds
    static final Map<String, String> INSTRUMENTS = Map.of(
        "ti-ta-ti", "piano", "pouet", "trumpet", "trulu", "flute",
        "gzi-gzi", "violin", "boum-boum", "drum");
    static final Pattern SOUND = Pattern.compile("\"noise\":\"([^\"]*)\"");

    static class Known {
        final UUID uuid = UUID.randomUUID();
        final OffsetDateTime since = OffsetDateTime.now();
        String instrument;
        long last;
    }

    static final Map<Object, Known> musicians = new HashMap<>();

    public static void main(String[] arguments) throws IOException {
        new Thread(Auditor::forget).start();
        new Thread(Auditor::listen).start();
        try (ServerSocket server = new ServerSocket(TCP_PORT)) {
            while (true) {
                Socket client = server.accept();
                new Thread(() -> serve(client)).start();
            }
        }
    }

    static void listen() {
        try (DatagramSocket socket = new DatagramSocket(UDP_PORT)) {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[1024], 1024);
                socket.receive(packet);
                String text = new String(
                    packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
                Matcher sound = SOUND.matcher(text);
                if (sound.find() && INSTRUMENTS.containsKey(sound.group(1))) {
                    hear(packet.getSocketAddress(), INSTRUMENTS.get(sound.group(1)));
                }
            }
        } catch (IOException error) {
            error.printStackTrace();
            System.exit(1);
        }
    }

    static synchronized void hear(Object who, String instrument) {
        Known known = musicians.computeIfAbsent(who, new_ -> new Known());
        known.instrument = instrument;
        known.last = System.currentTimeMillis();
    }

    /** Forgets, every 100 ms, who has not been heard for five seconds. */
    static void forget() {
        try {
            while (true) {
                synchronized (Auditor.class) {
                    long now = System.currentTimeMillis();
                    musicians.values().removeIf(known -> now - known.last > ACTIVE);
                }
                Thread.sleep(100);
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    static synchronized String active() {
        List<String> told = new ArrayList<>();
        for (Known known : musicians.values()) {
            told.add("  {\"uuid\": \"" + known.uuid + "\", \"instrument\": \"" + known.instrument
                + "\", \"activeSince\": \"" + known.since + "\"}");
        }
        return told.isEmpty() ? "[]" : "[\n" + String.join(",\n", told) + "\n]";
    }

    static void serve(Socket client) {
        try (client) {
            client.getOutputStream().write(active().getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            System.err.println(gone);
        }
    }
}
