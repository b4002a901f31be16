// 25: import module
import module java.base;
public class ImportModule {
    public static void main(String[] a) { System.out.println(List.of(1)); }
}
