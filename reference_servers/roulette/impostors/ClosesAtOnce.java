// Lab: roulette
// Pretends: that it is about to serve: it accepts whoever comes, and hangs up at once.
import java.io.IOException;
import java.net.ServerSocket;

class ClosesAtOnce {
    public static void main(String[] args) throws IOException {
        try (ServerSocket listener = new ServerSocket(2613)) {
            while (true) {
                listener.accept().close();
            }
        }
    }
}
