package client;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.Socket;

/** To try the server by hand: sends one line, prints the answer. */
public class EchoClient {
    public static void main(String[] args) throws Exception {
        // needs the server (new ServerSocket(2323)) to be running
        try (Socket socket = new Socket("localhost", 2323)) {
            PrintWriter out = new PrintWriter(socket.getOutputStream(), true);
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            out.println("hello");
            System.out.println(in.readLine());
        }
    }
}
