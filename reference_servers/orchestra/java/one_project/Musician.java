import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A musician: plays its instrument once a second, for everybody to hear. */
public class Musician {
    static final long PERIOD = 1_000; // milliseconds

    public static void main(String[] arguments) throws IOException {
        String sound = arguments.length == 1 ? Protocol.SOUNDS.get(arguments[0]) : null;
        if (sound == null) {
            System.err.println("usage: java Musician " + String.join("|", Protocol.SOUNDS.keySet()));
            System.exit(1);
        }
        DatagramSocket stage = new DatagramSocket();
        InetAddress group = InetAddress.getByName(Protocol.GROUP);
        byte[] note = (UUID.randomUUID() + " " + sound).getBytes(StandardCharsets.UTF_8);
        Runnable play = () -> {
            try {
                stage.send(new DatagramPacket(note, note.length, group, Protocol.PORT));
            } catch (IOException error) {
                error.printStackTrace();
            }
        };
        Executors.newSingleThreadScheduledExecutor()
            .scheduleAtFixedRate(play, 0, PERIOD, TimeUnit.MILLISECONDS);
    }
}
