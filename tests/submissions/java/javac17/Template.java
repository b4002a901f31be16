// 21: a string template (a preview, in 21 and 22 only)
public class Template {
    public static void main(String[] a) { String n = "x"; System.out.println(STR."hello \{n}"); }
}
