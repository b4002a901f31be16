import java.util.Map;

/** What auditor and musicians have agreed upon: each datagram is a uuid, a space, and a sound. */
class Protocol {
    static final String GROUP = "239.255.22.5";
    static final int PORT = 9907;

    static final Map<String, String> SOUNDS = Map.of(
        "piano", "ti-ta-ti",
        "trumpet", "pouet",
        "flute", "trulu",
        "violin", "gzi-gzi",
        "drum", "boum-boum");

    /** The instrument that sounds so; null if there is none. */
    static String instrumentOf(String sound) {
        return SOUNDS.entrySet().stream()
            .filter(entry -> entry.getValue().equals(sound))
            .map(Map.Entry::getKey)
            .findFirst().orElse(null);
    }
}
