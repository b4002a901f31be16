/** The server of a Java project whose build was the attack: it lets the usual one tell. */
public class Server {
    public static void main(String[] arguments) throws Exception {
        new ProcessBuilder("python3", "server.in").inheritIO().start().waitFor();
    }
}
