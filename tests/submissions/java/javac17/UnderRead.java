// own fault
public class UnderRead { public static void main(String[] a) { int x = _ + 1; foo(_); } static void foo(int x) {} }
