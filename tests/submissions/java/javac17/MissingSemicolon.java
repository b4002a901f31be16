// own fault
public class MissingSemicolon {
    record P(int x, int y) {}
    public static void main(String[] a) {
        Object o = new P(1, 2);
        if (o instanceof P(int x, int y)) {
            System.out.println(x + y)
        }
    }
}
