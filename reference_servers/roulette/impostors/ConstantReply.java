// Lab: roulette
// Pretends: that it understands: whatever line comes, the answer is the same student.
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Scanner;

class ConstantReply {
    public static void main(String[] args) throws IOException {
        ServerSocket listener = new ServerSocket(2613);
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
                client.getOutputStream().write("{\"fullname\":\"john doe\"}\n".getBytes());
            }
        } catch (IOException gone) {
            System.err.println(gone);
        }
    }
}
