// 21: a record pattern
public class RecordPatterns {
    record P(int x, int y) {}
    public static void main(String[] a) {
        Object o = new P(1, 2);
        if (o instanceof P(int x, int y)) {
            System.out.println(x + y);
        }
        if (o instanceof P(var x, var y) && x > 3) System.out.println(x);
    }
}
