package ch.tcp.echo;

import java.io.*;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

public class Server {

    private static final Logger LOG = Logger.getLogger(Server.class.getName());
    private static final int PORT = 2323;

    public static void main(String[] args) {
        try (ServerSocket serverSocket = new ServerSocket(PORT)) {
            while (true) {
                LOG.log(Level.INFO, "Waiting for a new client on port {0}", PORT);
                try (Socket socket = serverSocket.accept()) {
                    talk(socket);
                } catch (IOException e) {
                    LOG.log(Level.WARNING, "Lost a client: {0}", e.getMessage());
                }
            }
        } catch (IOException e) {
            LOG.log(Level.SEVERE, e.getMessage(), e);
        }
    }

    private static void talk(Socket socket) throws IOException {
        var in = new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        var out = new PrintWriter(
            new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8), true);
        out.println("Welcome to David's echo server.");
        String line;
        while ((line = in.readLine()) != null) {
            out.println("> " + line.toUpperCase(Locale.ROOT));
            if (line.equalsIgnoreCase("bye")) {
                break;
            }
        }
    }
}
