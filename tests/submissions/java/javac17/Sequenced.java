// 21: SequencedCollection, SequencedMap, TreeMap.putLast(Object, Object)
import java.util.*;
public class Sequenced { 
  static <T> void f(SequencedCollection<T> c) { c.reversed().forEach(System.out::println); }
  public static void main(String[] a) { f(List.of(1)); SequencedMap<String,Integer> m = new LinkedHashMap<>(); m.putFirst("a", 1); new TreeMap<String,String>().putLast("a", "b"); }
}
