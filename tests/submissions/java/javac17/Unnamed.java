// 25: a main method outside of a class
import java.net.*;
import java.io.*;
void main() throws IOException {
    ServerSocket ss = new ServerSocket(2323);
    while (true) { Socket s = ss.accept(); new Thread(() -> { try { var in = new BufferedReader(new InputStreamReader(s.getInputStream())); var out = s.getOutputStream(); String l; while ((l = in.readLine()) != null) { out.write(("> " + l.toUpperCase() + "\n").getBytes()); } } catch (IOException e) { } }).start(); }
}
