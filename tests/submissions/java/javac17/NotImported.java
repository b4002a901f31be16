// own fault
public class NotImported { public static void main(String[] a) { SequencedMap<String,String> m = null; } }
