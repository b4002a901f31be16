// 22: an unnamed variable (_)
import java.util.*;
public class Underscore {
    public static void main(String[] a) {
        for (var _ : List.of(1)) { System.out.println(); }
        try { int x = 3; } catch (RuntimeException _) { }
        Map<String,Integer> m = new HashMap<>();
        m.forEach((k, _) -> System.out.println(k));
    }
}
