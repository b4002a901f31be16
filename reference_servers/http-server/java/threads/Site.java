import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the files below the root, and answers with them. */
class Site {
    static final Path ROOT = realRoot();
    static final Map<String, String> TYPES =
            Map.of(
                    ".html", "text/html; charset=utf-8",
                    ".txt", "text/plain; charset=utf-8",
                    ".css", "text/css",
                    ".js", "text/javascript",
                    ".json", "application/json",
                    ".png", "image/png");
    static final Pattern RANGE = Pattern.compile("(?i)bytes=([0-9]*)-([0-9]*)");

    private static Path realRoot() {
        try {
            return Path.of("www").toRealPath();
        } catch (IOException error) {
            throw new IllegalStateException("there is no folder www", error);
        }
    }

    /** The answer to GET and HEAD. */
    static Answer answer(Request request) throws Refused {
        Path path = find(request);
        try {
            // Before it is opened: of a file that changes now we rather send a time that is too old.
            Instant changed = Files.getLastModifiedTime(path).toInstant();
            FileInputStream file = new FileInputStream(path.toFile());
            try {
                return answerWith(request, file, path, changed);
            } catch (IOException | Refused error) {
                file.close();
                throw error;
            }
        } catch (IOException error) {
            throw new Refused(404);
        }
    }

    /** The path of the file that is asked for, which lies below the root. */
    private static Path find(Request request) throws Refused {
        if (!request.path.startsWith("/") || request.path.contains("\0")) {
            throw new Refused(400);
        }
        try {
            Path path = below(ROOT.resolve(relative(request.path)));
            boolean folder = Files.isDirectory(path);
            if (folder && !request.path.endsWith("/")) {
                // As it came, encoded: nothing in it can end the header, and `//host` is no host.
                throw new Refused(301).with("Location", "/" + request.encodedPath.replaceAll("^/+", "") + "/");
            }
            if (!folder && request.path.endsWith("/")) {
                throw new Refused(404);
            }
            Path file = folder ? below(path.resolve("index.html")) : path;
            if (!Files.isRegularFile(file)) { // to open a pipe would wait for who writes into it
                throw new Refused(404);
            }
            return file;
        } catch (IOException | InvalidPathException error) {
            throw new Refused(404);
        }
    }

    /** The path without its first slashes, its octets taken for UTF-8. */
    private static String relative(String path) {
        byte[] octets = Reader.raw(path.replaceFirst("^/+", ""));
        return new String(octets, StandardCharsets.UTF_8);
    }

    private static Path below(Path path) throws IOException, Refused {
        Path real = path.toRealPath();
        if (!real.startsWith(ROOT)) { // compares names, not characters
            throw new Refused(404);
        }
        return real;
    }

    private static Answer answerWith(
            Request request, FileInputStream file, Path path, Instant changed)
            throws IOException, Refused {
        long size = file.getChannel().size();
        String etag = String.format("\"%x%x-%x\"", changed.getEpochSecond(), changed.getNano(), size);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ETag", etag);
        headers.put("Last-Modified", Answer.DATE.format(changed));
        headers.put("Accept-Ranges", "bytes");
        if (isKnown(request, etag, changed)) {
            file.close();
            return new Answer(304, new byte[0], headers);
        }
        headers.put("Content-Type", typeOf(path));
        Matcher asked = RANGE.matcher(request.header("range", ""));
        long first = 0;
        long last = size - 1;
        if (wantsPart(request, etag) && asked.matches() && isRange(asked)) {
            boolean suffix = asked.group(1).isEmpty();
            first = suffix ? Math.max(0, size - number(asked.group(2), 0)) : number(asked.group(1), 0);
            last = suffix ? size - 1 : Math.min(number(asked.group(2), size), size - 1);
            if (first > last) {
                throw new Refused(416).with("Content-Range", "bytes */" + size);
            }
            headers.put("Content-Range", "bytes " + first + "-" + last + "/" + size);
            file.getChannel().position(first);
            return new Answer(206, file, last - first + 1, headers);
        }
        return new Answer(200, file, size, headers);
    }

    /** A part of another version than the client has the rest of would be no use to it. */
    private static boolean wantsPart(Request request, String etag) {
        return request.method.equals("GET") && request.header("if-range", etag).equals(etag);
    }

    /** Whether the range has a form that it may have. */
    private static boolean isRange(Matcher asked) {
        String first = asked.group(1);
        String last = asked.group(2);
        return first.isEmpty()
                ? !last.isEmpty()
                : last.isEmpty() || number(first, 0) <= number(last, 0);
    }

    private static long number(String digits, long otherwise) {
        if (digits.isEmpty()) {
            return otherwise;
        }
        return digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
    }

    private static String typeOf(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        int dot = Math.max(0, name.lastIndexOf('.'));
        return TYPES.getOrDefault(name.substring(dot), "application/octet-stream");
    }

    /** Whether the client has this version of the file (RFC 9110, section 13.2.2). */
    private static boolean isKnown(Request request, String etag, Instant changed) {
        String known = request.header("if-none-match", null);
        if (known != null) {
            String[] tags = known.replace("W/", "").split("\\s*,\\s*");
            return Arrays.asList(tags).contains(etag) || Arrays.asList(tags).contains("*");
        }
        try {
            String since = request.header("if-modified-since", "");
            Instant then = Answer.DATE.parse(since, Instant::from);
            return changed.getEpochSecond() <= then.getEpochSecond();
        } catch (DateTimeParseException error) {
            return false;
        }
    }
}
