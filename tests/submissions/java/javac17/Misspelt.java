// own fault
import java.util.*;
public class Misspelt { public static void main(String[] a) { List<Integer> l = List.of(1); l.getFrist(); Thread.ofVirtua(); } }
