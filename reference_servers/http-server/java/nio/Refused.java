import java.util.LinkedHashMap;
import java.util.Map;

/** The request is answered with this status; nothing of what the client has said is in it. */
class Refused extends Exception {
    final int status;
    /** The request that is refused; null where its line was not understood. */
    Request request;
    private boolean closes;
    private final Map<String, String> headers = new LinkedHashMap<>();

    Refused(int status) {
        this.status = status;
        headers.put("Content-Type", "text/plain");
    }

    Refused with(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Where the next request begins is not known: the connection is closed. */
    Refused andClose() {
        closes = true;
        return this;
    }

    Answer answer() {
        Answer answer = new Answer(status, (status + "\n").getBytes(), headers);
        answer.closes = closes;
        return answer;
    }
}
