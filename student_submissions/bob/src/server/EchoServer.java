package server;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

public class EchoServer {

    private final int port;

    public EchoServer(int port) {
        this.port = port;
    }

    public void serveClients() throws IOException {
        ServerSocket serverSocket = new ServerSocket(port);
        System.out.println("Server waiting on port " + port);
        while (true) {
            Socket clientSocket = serverSocket.accept();
            new Thread(new ClientHandler(clientSocket)).start();
        }
    }

    public static void main(String[] args) throws IOException {
        new EchoServer(2323).serveClients();
    }
}
