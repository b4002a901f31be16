import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
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
    static final Pattern ABSOLUTE = Pattern.compile("(?is)https?://[^/?]*(.*)");
    static final Pattern ENCODED = Pattern.compile("%([0-9A-Fa-f]{2})");
    /** What a line may not hold; a tab may stand in a header alone. */
    static final Pattern CONTROLS = Pattern.compile("[\\x00-\\x1f\\x7f]");

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

    /** The line of the next request; null where the client has gone. Its headers follow. */
    static Request readLine(Reader reader) throws IOException, Refused {
        String line = reader.line(LONGEST_LINE, 414);
        if (line != null && line.isEmpty()) { // an empty line before a request is passed over
            line = reader.line(LONGEST_LINE, 414);
        }
        if (line == null) {
            return null;
        }
        String[] words = line.split(" ", -1);
        boolean empty = Arrays.asList(words).contains("");
        if (words.length != 3 || empty || hasControls(line) || !isToken(words[0])) {
            throw new Refused(400).andClose();
        }
        return new Request(words[0], words[1], minorOf(words[2]));
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

    /** Whether all of them have come; false where the client has gone. */
    boolean readHeaders(Reader reader) throws IOException, Refused {
        int left = LONGEST_HEAD;
        int count = 0;
        String line;
        while ((line = reader.line(left, 431)) != null && !line.isEmpty()) {
            left -= line.length() + 2;
            if (++count > MOST_HEADERS || left < 0) {
                throw new Refused(431).andClose();
            }
            int colon = line.indexOf(':');
            // A space before the colon, or at the beginning (a folded line), is no part of a name.
            if (colon < 0 || !isToken(line.substring(0, colon)) || hasControls(line.replace('\t', ' '))) {
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

    private static boolean hasControls(String line) {
        return CONTROLS.matcher(line).find();
    }

    String header(String name, String otherwise) {
        return headers.getOrDefault(name, otherwise);
    }

    boolean keepsAlive() {
        String said = header("connection", "").toLowerCase(Locale.ROOT);
        List<String> words = Arrays.asList(said.split("\\s*,\\s*"));
        return !words.contains("close") && (minor > 0 || words.contains("keep-alive"));
    }

    /** What `%20` and the like stand for. */
    private static String decoded(String path) {
        return ENCODED.matcher(path).replaceAll(found -> octetOf(found.group(1)));
    }

    private static String octetOf(String digits) {
        char octet = (char) Integer.parseInt(digits, 16);
        return Matcher.quoteReplacement(String.valueOf(octet)); // `$` has a meaning there
    }
}
