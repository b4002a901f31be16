// 25: statements before super(…) or this(…)
public class BeforeSuper extends Thread {
    int x;
    BeforeSuper(int x) {
        if (x < 0) throw new IllegalArgumentException();
        super("n");
        this.x = x;
    }
    public static void main(String[] a) { new BeforeSuper(1); }
}
