// own fault
import java.time.Duration;
public class OwnSleep { static void sleep(long ms) {} public static void main(String[] a) { sleep(Duration.ofMillis(3)); } }
