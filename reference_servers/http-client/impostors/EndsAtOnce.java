// Lab: http-client
// Pretends: that it has nothing to do.
class EndsAtOnce {
    public static void main(String[] args) {
    }
}
