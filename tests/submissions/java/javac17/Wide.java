// 25: Process.waitFor(Duration), Reader.readAllAsString(), Objects.toIdentityString(Object), …
import java.util.*;
public class Wide { public static void main(String[] a) throws Exception {
	Process p = new ProcessBuilder("x").start(); p.waitFor(java.time.Duration.ofSeconds(1));
	java.io.Reader r = new java.io.StringReader("x"); r.readAllAsString(); System.out.println(Objects.toIdentityString(r));
	Locale l = Locale.of("de", "CH"); Thread.currentThread().isVirtual(); new StringBuilder().repeat("a", 3);
	var q = new java.util.concurrent.LinkedBlockingDeque<String>(); q.reversed(); java.net.InetAddress.ofLiteral("1.2.3.4"); java.nio.charset.StandardCharsets.UTF_32.name();
	java.nio.file.Path.of("a").resolve("b", "c");
} }
