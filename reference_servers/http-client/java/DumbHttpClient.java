import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;

/*
 * A client that does not speak HTTP, after the example of the lecture: it sends a
 * request that no web server understands, reads the answer as bytes, and logs it.
 *
 * What to look at:
 *   - read() returns how many bytes have come, and -1 when the server has closed the
 *     connection: only then is the answer over;
 *   - the bytes become text when all of them are there, and as UTF-8;
 *   - try-with-resources closes the socket, whatever happens.
 *
 * Lab: http-client
 * Leaves to the student: nothing
 */
public class DumbHttpClient {

    private static final Logger LOG = Logger.getLogger(DumbHttpClient.class.getName());

    private static final String HOST = "www.heig-vd.ch";
    private static final int PORT = 80;
    private static final String REQUEST = "Hello, sorry, but I don't speak HTTP...\r\n\r\n";
    private static final int BUFFER_SIZE = 1024;

    private final ByteArrayOutputStream response = new ByteArrayOutputStream();

    void sendWrongHttpRequest() {
        try (Socket socket = new Socket(HOST, PORT)) {
            OutputStream os = socket.getOutputStream();
            os.write(REQUEST.getBytes(StandardCharsets.UTF_8));
            os.flush();
            readToTheEnd(socket.getInputStream());
        } catch (IOException problem) {
            LOG.log(Level.SEVERE, "the connection failed", problem);
        }
        LOG.log(Level.INFO, "Response sent by the server:");
        LOG.log(Level.INFO, response.toString(StandardCharsets.UTF_8));
    }

    private void readToTheEnd(InputStream is) throws IOException {
        byte[] buffer = new byte[BUFFER_SIZE];
        int newBytes;
        while ((newBytes = is.read(buffer)) != -1) {
            response.write(buffer, 0, newBytes);
        }
    }

    public static void main(String[] args) {
        new DumbHttpClient().sendWrongHttpRequest();
    }
}
