// own fault
import java.util.*;
public class WrongArity { public static void main(String[] a) { List.of(1).getFirst(3); } }
