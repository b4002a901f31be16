// own fault
import java.util.*;
public class SameLine { public static void main(String[] a) { List<Integer> l = List.of(1); l.getFirst(); int x = "no"; } }
