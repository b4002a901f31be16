// 21: a pattern in a switch, a record pattern
public class SwitchPatterns {
    sealed interface S permits A, B {}
    record A(int x) implements S {}
    record B(String s) implements S {}
    static String f(Object o) {
        return switch (o) {
            case Integer i when i > 3 -> "int";
            case A(int x) -> "a" + x;
            case String s -> s;
            case null, default -> "other";
        };
    }
    public static void main(String[] a) { System.out.println(f(3)); }
}
