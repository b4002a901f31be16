/*
 * A web server on sockets: a thread for each client, which reads one request after the other.
 *
 * Lab: http-server
 * Leaves to the student: nothing
 * Parameters: concurrency=thread-per-client
 *
 * Request reads what a client asks for, Body what comes behind it, Site finds and opens files,
 * Answer writes what goes back. An error is an exception that knows its status.
 */
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;

class Server {
    static final int PORT = 8080;
    /** Milliseconds after which a client that says nothing is let go. */
    static final int IDLE = 30_000;
    /** Milliseconds, and octets, that a client may still send when it has been refused. */
    static final int LINGER = 1_000;
    static final int LINGER_OCTETS = 1_000_000;
    static final List<String> NOT_ALLOWED =
            List.of("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT");

    public static void main(String[] args) throws IOException {
        try (ServerSocket listener = new ServerSocket()) {
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(PORT), 256);
            System.err.println("serving " + Site.ROOT + " on port " + PORT);
            while (true) {
                Socket client = listener.accept();
                new Thread(() -> serve(client)).start();
            }
        }
    }

    static void serve(Socket client) {
        try (client) {
            client.setSoTimeout(IDLE);
            client.setTcpNoDelay(true); // or a body waits until the client has confirmed the head
            Reader reader = new Reader(client.getInputStream());
            OutputStream out = client.getOutputStream();
            boolean more = true;
            while (more) {
                more = answerOne(reader, out);
            }
            part(client);
        } catch (IOException gone) {
            // The client has gone, or says nothing: nobody is left to be told.
        }
    }

    /** Answers one request; returns whether another may follow. */
    static boolean answerOne(Reader reader, OutputStream out) throws IOException {
        Request request = null;
        Answer answer;
        try {
            request = Request.readLine(reader);
            if (request == null || !request.readHeaders(reader)) {
                return false;
            }
            answer = answerTo(request, reader, out);
        } catch (Refused refused) {
            answer = refused.answer();
        }
        if (request != null && !request.keepsAlive()) {
            answer.closes = true;
        }
        answer.send(out, request);
        return !answer.closes;
    }

    static Answer answerTo(Request request, Reader reader, OutputStream out)
            throws IOException, Refused {
        byte[] body = Body.read(request, reader, out);
        switch (request.method) {
            case "GET":
            case "HEAD":
                return Site.answer(request);
            case "POST":
                if (!request.path.equals("/echo")) {
                    throw new Refused(405).with("Allow", "GET, HEAD");
                }
                String type = request.header("content-type", "application/octet-stream");
                return new Answer(200, body, Map.of("Content-Type", type));
            default:
                if (NOT_ALLOWED.contains(request.method)) {
                    throw new Refused(405).with("Allow", "GET, HEAD");
                }
                throw new Refused(501);
        }
    }

    /**
     * Closes our side and reads on for a moment: a close over unread octets would be a reset, and
     * could take the answer from the client before it has read it.
     */
    static void part(Socket client) throws IOException {
        client.shutdownOutput();
        InputStream in = client.getInputStream();
        byte[] buffer = new byte[8_192];
        long end = System.nanoTime() + LINGER * 1_000_000L;
        int left = LINGER_OCTETS;
        long time; // of all reads together: each of them could bring one octet
        while (left > 0 && (time = (end - System.nanoTime()) / 1_000_000) > 0) {
            client.setSoTimeout((int) time);
            int count = in.read(buffer);
            if (count < 0) {
                return;
            }
            left -= count;
        }
    }
}
