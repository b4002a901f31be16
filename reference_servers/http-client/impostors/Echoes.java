// Lab: http-client
// Pretends: that its own words are the answer: it prints its request, and sends it to nobody.
class Echoes {
    public static void main(String[] args) {
        System.out.print("Hello, sorry, but I don't speak HTTP...\r\n\r\n");
    }
}
