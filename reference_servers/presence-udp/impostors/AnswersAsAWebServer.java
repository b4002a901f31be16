// Lab: presence-udp
// Pretends: nothing: it answers each datagram as a web server would.
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;

class AnswersAsAWebServer {
    public static void main(String[] args) throws IOException {
        DatagramSocket socket = new DatagramSocket(9907);
        byte[] answer = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes();
        while (true) {
            DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
            socket.receive(packet);
            socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
    }
}
