// own fault
import org.json.JSONObject;
public class Lib { public static void main(String[] a) { JSONObject o = new JSONObject(); } }
