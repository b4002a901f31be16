// 21: HttpClient as AutoCloseable
import java.net.http.*;
public class TryOverClient { public static void main(String[] a) throws Exception { try (HttpClient c = HttpClient.newHttpClient()) { System.out.println(c); } } }
