import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/*
 * A client that does not speak HTTP. It is told where the server is, and prints each line of
 * the answer as it comes.
 *
 * What to look at:
 *   - a PrintWriter keeps what it is given until flush();
 *   - readLine() returns null when the server has closed the connection. An empty line is
 *     no end: it stands between the headers and the body;
 *   - the charset is named wherever bytes become text.
 *
 * Lab: http-client
 * Leaves to the student: nothing
 */
public class LineByLine {

    public static void main(String[] args) {
        String host = args[0];
        int port = Integer.parseInt(args[1]);
        try (Socket socket = new Socket(host, port)) {
            PrintWriter out = new PrintWriter(socket.getOutputStream(), false, StandardCharsets.UTF_8);
            out.print("Hello, sorry, but I don't speak HTTP...\r\n\r\n");
            out.flush();
            BufferedReader in = new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line;
            while ((line = in.readLine()) != null) {
                System.out.println(line);
            }
        } catch (IOException problem) {
            System.err.println("no answer from " + host + ":" + port + ": " + problem.getMessage());
        }
    }
}
