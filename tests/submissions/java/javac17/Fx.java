// JavaFX
import javafx.application.Application;
import javafx.stage.Stage;
public class Fx extends Application { @Override public void start(Stage s) { s.show(); } public static void main(String[] a) { launch(a); } }
