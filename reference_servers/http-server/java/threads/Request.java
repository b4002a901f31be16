import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request (RFC 9112, sections 2 to 5). */
class Request {
    /** Octets of a request line; RFC 9112 asks for 8,000. */
    static final int LONGEST_LINE = 16_000;
    static final int LONGEST_HEAD = 65_536;
    static final int MOST_HEADERS = 100;
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

    private Request(String method, String target, int minor) {
        this.method = method;
        this.minor = minor;
        Matcher absolute = ABSOLUTE.matcher(target);
        String rest = absolute.matches() ? absolute.group(1) : target;
        String path = rest.split("\\?", 2)[0];
        this.encodedPath = path.isEmpty() ? "/" : path;
        this.path = decoded(encodedPath);
    }

    /** The next request; null where the client has gone. */
    static Request read(Reader reader) throws IOException, Refused {
        String line = reader.line(LONGEST_LINE, 414);
        if (line != null && line.isEmpty()) { // an empty line before a request is passed over
            line = reader.line(LONGEST_LINE, 414);
        }
        if (line == null) {
            return null;
        }
        String[] words = line.split(" ", -1);
        boolean empty = Arrays.asList(words).contains("");
        if (words.length != 3 || empty || line.matches(".*[\0\r].*") || !isToken(words[0])) {
            throw new Refused(400).andClose();
        }
        Request request = new Request(words[0], words[1], minorOf(words[2]));
        return request.readHeaders(reader) ? request : null;
    }

    /** The second number of the version, whose first is 1. */
    private static int minorOf(String version) throws Refused {
        Matcher found = VERSION.matcher(version);
        if (!found.matches()) {
            throw new Refused(400).andClose();
        }
        if (!found.group(1).equals("1")) {
            throw new Refused(505).andClose();
        }
        return Integer.parseInt(found.group(2));
    }

    private boolean readHeaders(Reader reader) throws IOException, Refused {
        int left = LONGEST_HEAD;
        String line;
        while ((line = reader.line(left, 431)) != null && !line.isEmpty()) {
            left -= line.length() + 2;
            if (headers.size() >= MOST_HEADERS || left < 0) {
                throw new Refused(431).andClose();
            }
            int colon = line.indexOf(':');
            // A space before the colon, or at the beginning (a folded line), is no part of a name.
            if (colon < 0 || !isToken(line.substring(0, colon)) || line.matches(".*[\0\r].*")) {
                throw new Refused(400).andClose();
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            headers.merge(name, line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
        }
        String host = headers.get("host");
        if (line != null && minor > 0 && (host == null || host.contains(","))) {
            throw new Refused(400).andClose();
        }
        return line != null;
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
