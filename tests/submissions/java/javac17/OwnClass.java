// own fault
import java.util.*;
public class OwnClass { static class List { void add() {} } static class Job { }
  public static void main(String[] a) { List l = new List(); l.getFirst(); new Job().threadId(); } }
