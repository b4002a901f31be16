// 21: a pattern in a switch
public class SealedSwitch { sealed interface Msg permits Text, Bye {} record Text(String s) implements Msg {} record Bye() implements Msg {}
  static String on(Msg m) { return switch (m) { case Text t -> t.s(); case Bye b -> "bye"; }; }
  public static void main(String[] a) { System.out.println(on(new Bye())); } }
