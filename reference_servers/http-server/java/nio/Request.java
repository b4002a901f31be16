import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request (RFC 9112, sections 2 to 5). */
class Request {
    static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    static final Pattern VERSION = Pattern.compile("HTTP/([0-9])\\.([0-9])");
    static final Pattern ABSOLUTE = Pattern.compile("(?i)https?://[^/?]*(.*)");

    final String method;
    /** The path as it came, encoded. */
    final String encodedPath;
    /** The path, each of its octets a character. */
    final String path;
    final int minor;
    final Map<String, String> headers = new LinkedHashMap<>();

    byte[] body = new byte[0];

    /** A request that begins with this line. */
    Request(String line) throws Refused {
        String[] words = line.split(" ", -1);
        boolean empty = Arrays.asList(words).contains("");
        if (words.length != 3 || empty || line.matches(".*[\0\r].*") || !isToken(words[0])) {
            throw new Refused(400);
        }
        this.method = words[0];
        this.minor = minorOf(words[2]);
        Matcher absolute = ABSOLUTE.matcher(words[1]);
        String rest = absolute.matches() ? absolute.group(1) : words[1];
        String path = rest.split("\\?", 2)[0];
        this.encodedPath = path.isEmpty() ? "/" : path;
        this.path = decoded(encodedPath);
    }

    /** The second number of the version, whose first is 1. */
    private static int minorOf(String version) throws Refused {
        Matcher found = VERSION.matcher(version);
        if (!found.matches()) {
            throw new Refused(400);
        }
        if (!found.group(1).equals("1")) {
            throw new Refused(505);
        }
        return Integer.parseInt(found.group(2));
    }

    void addHeader(String line) throws Refused {
        int colon = line.indexOf(':');
        // A space before the colon, or at the beginning (a folded line), is no part of a name.
        if (colon < 0 || !isToken(line.substring(0, colon)) || line.matches(".*[\0\r].*")) {
            throw new Refused(400);
        }
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        headers.merge(name, line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
    }

    void requireHost() throws Refused {
        String host = headers.get("host");
        if (minor > 0 && (host == null || host.contains(","))) {
            throw new Refused(400);
        }
    }

    private static boolean isToken(String word) {
        return TOKEN.matcher(word).matches();
    }

    String header(String name, String otherwise) {
        return headers.getOrDefault(name, otherwise);
    }

    boolean keepsAlive() {
        String[] words = header("connection", "").toLowerCase(Locale.ROOT).split("\\s*,\\s*");
        return minor == 0
                ? Arrays.asList(words).contains("keep-alive")
                : !Arrays.asList(words).contains("close");
    }

    /** What `%20` and the like stand for. */
    private static String decoded(String path) {
        StringBuilder octets = new StringBuilder();
        for (int at = 0; at < path.length(); at++) {
            char one = path.charAt(at);
            if (one == '%' && path.substring(at + 1).matches("(?s)[0-9A-Fa-f]{2}.*")) {
                one = (char) Integer.parseInt(path.substring(at + 1, at + 3), 16);
                at += 2;
            }
            octets.append(one);
        }
        return octets.toString();
    }
}
