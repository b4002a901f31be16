// 21: List.getFirst(), List.getLast(), List.reversed()
import java.util.*;
public class MethodReference { public static void main(String[] a) {
  List<List<Integer>> l = List.of(List.of(1));
  System.out.println(l.stream().map(List::getFirst).toList());
  System.out.println(l.stream().map(x -> x.getLast() + 1).toList());
  for (var x : l.reversed()) System.out.println(x);
  var y = l.getFirst().getFirst(); int z = y + 1;
} }
