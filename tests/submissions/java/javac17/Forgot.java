// own fault
public class Forgot {
    public static void main(String[] a) {
        System.out.println("x");
    }
    }
    static void helper() {
        System.out.println("y");
    }
}
