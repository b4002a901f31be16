// 21: List.getFirst(), List.reversed()
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;

public class GetFirst {
    public static void main(String[] args) throws IOException {
        java.util.List<Integer> l = java.util.List.of(1, 2); System.out.println(l.getFirst() + " " + l.reversed());
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 2323;
        try (ServerSocket ss = new ServerSocket(port)) {
            while (true) {
                Socket s = ss.accept();
                new Thread(() -> talk(s)).start();
            }
        }
    }

    static void talk(Socket s) {
        try (s;
             BufferedReader in = new BufferedReader(new InputStreamReader(s.getInputStream(), StandardCharsets.UTF_8));
             Writer out = new OutputStreamWriter(s.getOutputStream(), StandardCharsets.UTF_8)) {
            String line;
            while ((line = in.readLine()) != null) {
                out.write("> " + line.toUpperCase(java.util.Locale.ROOT) + "\n");
                out.flush();
                if (line.equalsIgnoreCase("BYE")) break;
            }
        } catch (IOException e) {
            System.err.println(e);
        }
    }
}
