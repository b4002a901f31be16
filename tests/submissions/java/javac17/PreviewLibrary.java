// 21: SequencedMap, StructuredTaskScope, a preview
import java.util.SequencedMap;
import java.util.concurrent.StructuredTaskScope;
public class PreviewLibrary { SequencedMap<String,Integer> m; public static void main(String[] a) throws Exception { try (var s = new StructuredTaskScope.ShutdownOnFailure()) { s.join(); } } }
