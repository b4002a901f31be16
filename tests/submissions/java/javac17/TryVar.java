// own fault
public class TryVar { static class Conn { void close() {} } public static void main(String[] a) { try (Conn c = new Conn()) { } } }
