// Lab: http-client
// Pretends: that it is the other end: a server that waits for clients on port 80.
import java.net.ServerSocket;

public class WebServer {
    public static void main(String[] args) throws Exception {
        try (ServerSocket server = new ServerSocket(80)) {
            while (true) {
                server.accept().close();
            }
        }
    }
}
