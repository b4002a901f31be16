// own fault
public class SuperInMethod { void f() { int x = 3; super(); } public static void main(String[] a) { } }
