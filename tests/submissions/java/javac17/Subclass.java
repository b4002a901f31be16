// 19: ThreadPoolExecutor.close(), ThreadPoolExecutor as AutoCloseable
import java.util.*;
import java.util.concurrent.*;
public class Subclass extends ThreadPoolExecutor {
  Subclass() { super(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>()); }
  @Override public void close() { shutdown(); }
  public static void main(String[] a) { try (Subclass i = new Subclass()) { i.submit(() -> {}); } }
}
