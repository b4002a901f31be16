import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;

public class EchoServer {

    public static void main(String[] args) throws IOException {
        ServerSocket server = new ServerSocket(2323);
        while (true) {
            Socket client = server.accept();
            new Thread(() -> handle(client)).start();
        }
    }

    private static void handle(Socket client) {
        try {
            BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream()));
            PrintWriter out = new PrintWriter(client.getOutputStream(), true);
            String line = in.readLine();
            while (line != null) {
                out.println("> " + line.toUppercase());
                line = in.readLine()
            }
            client.close();
        } catch (IOException e) {
            e.printStackTrace();
        }
    }
}
