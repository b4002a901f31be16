// 25: IO, import static, println
import static java.lang.IO.println;
import static java.lang.IO.*;
public class StaticImport { public static void main(String[] a) { println("x"); } }
