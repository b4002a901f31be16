// Writes conformance/submissions/java/since.txt: in which release each type and member of the
// JDK's exported packages was added or removed. It asks the compiler itself, which knows the
// interface of every release from 8 on (lib/ct.sym, which `javac --release N` compiles against).
// Run it with the newest JDK, from the root of the repository:
//
//   java --add-exports jdk.compiler/com.sun.tools.javac.code=ALL-UNNAMED ci/JavaSince.java \
//       > conformance/submissions/java/since.txt
//
// conformance/submissions/java/since.py reads the file, and describes its format.

import com.sun.source.util.JavacTask;
import com.sun.tools.javac.code.Flags;
import com.sun.tools.javac.code.Symbol;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.stream.Collectors;
import javax.lang.model.element.*;
import javax.lang.model.type.*;
import javax.lang.model.util.*;
import javax.tools.*;

public class JavaSince {
    static final int FIRST = 8;
    static final int LAST = Runtime.version().feature();
    /** Packages of tools, which no server uses and which change often. */
    static final List<String> LEFT_OUT = List.of(
        "com.sun.source", "com.sun.tools", "com.sun.jdi", "jdk.jshell", "jdk.jfr", "jdk.dynalink",
        "jdk.incubator", "org.omg", "netscape", "com.sun.javadoc", "jdk.javadoc", "com.sun.org",
        "jdk.security.jarsigner", "com.sun.jarsigner", "jdk.nashorn", "jdk.management.jfr",
        "jdk.internal", "sun", "com.sun.java.accessibility", "com.sun.beans", "javax.swing.plaf");
    static final Set<String> OF_OBJECT = Set.of("toString()", "equals(Object)", "hashCode()",
        "finalize()", "clone()");
    /** Types that are, or were, only a preview, and the first release that had them. */
    static final Map<String, Integer> previews = new TreeMap<>();

    /** "package Outer.Inner" -> what it has: "name(Type,Type...)", "field", "<Supertype". */
    static Map<String, Set<String>> read(int release) throws Exception {
        Map<String, Set<String>> found = new TreeMap<>();
        List<String> options = new ArrayList<>(List.of("--release", "" + release, "-proc:none"));
        if (release == 9 || release == 10) { // hidden by default until removed
            options.addAll(List.of("--add-modules", "java.se.ee"));
        }
        JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler().getTask(
            null, null, null, options, null,
            List.of(new SimpleJavaFileObject(java.net.URI.create("string:///X.java"),
                    JavaFileObject.Kind.SOURCE) {
                @Override public CharSequence getCharContent(boolean ignored) { return "class X {}"; }
            }));
        task.analyze();
        Elements elements = task.getElements();
        Types types = task.getTypes();
        List<PackageElement> packages = new ArrayList<>();
        Set<? extends ModuleElement> modules = elements.getAllModuleElements();
        for (ModuleElement module : modules) {
            if (module.isUnnamed()) continue;
            for (Element each : module.getEnclosedElements()) packages.add((PackageElement) each);
        }
        if (release < 9) packages.addAll(packagesOf8(elements));
        for (PackageElement each : packages) {
            String name = each.getQualifiedName().toString();
            if (LEFT_OUT.stream().anyMatch(p -> name.equals(p) || name.startsWith(p + "."))) continue;
            for (Element type : each.getEnclosedElements()) {
                if (preview(type)) previews.put(name + " " + type.getSimpleName(), release);
                add((TypeElement) type, name, "", elements, types, found);
            }
        }
        return found;
    }

    /** Release 8 has no modules: its packages are all those of later releases. */
    static List<PackageElement> packagesOf8(Elements elements) throws Exception {
        List<PackageElement> packages = new ArrayList<>();
        for (String name : names) {
            PackageElement found = elements.getPackageElement(name);
            if (found != null) packages.add(found);
        }
        return packages;
    }

    static final Set<String> names = new TreeSet<>();

    static boolean open(Element element) {
        Set<Modifier> modifiers = element.getModifiers();
        return modifiers.contains(Modifier.PUBLIC) || modifiers.contains(Modifier.PROTECTED);
    }

    static boolean preview(Element element) {
        return (((Symbol) element).flags() & Flags.PREVIEW_API) != 0;
    }

    static void add(TypeElement type, String pack, String outer, Elements elements, Types types,
            Map<String, Set<String>> found) {
        if (!open(type) || preview(type)) return;
        String name = outer + type.getSimpleName();
        Set<String> members = new TreeSet<>();
        for (Element member : elements.getAllMembers(type)) {
            Element owner = member.getEnclosingElement();
            if (!open(member) || preview(member) || owner.toString().equals("java.lang.Object")) continue;
            if (member instanceof ExecutableElement method) {
                String signature = signature(method, types);
                if (!OF_OBJECT.contains(signature)) members.add(signature);
            } else if (member.getKind().isField()) {
                members.add(member.getSimpleName().toString());
            }
        }
        supertypes(type.asType(), types, members);
        found.put(pack + " " + name, members);
        for (TypeElement inner : ElementFilter.typesIn(type.getEnclosedElements())) {
            add(inner, pack, name + ".", elements, types, found);
        }
    }

    static void supertypes(TypeMirror type, Types types, Set<String> members) {
        for (TypeMirror above : types.directSupertypes(type)) {
            Element element = types.asElement(above);
            if (element == null || element.toString().equals("java.lang.Object")) continue;
            if (!open(element) || preview(element)) continue;
            if (members.add("<" + element.getSimpleName())) supertypes(above, types, members);
        }
    }

    static String signature(ExecutableElement method, Types types) {
        boolean makes = method.getKind() == ElementKind.CONSTRUCTOR;
        String name = makes ? "new" : method.getSimpleName().toString();
        List<String> parameters = new ArrayList<>();
        for (VariableElement each : method.getParameters()) {
            String erased = types.erasure(each.asType()).toString();
            parameters.add(erased.replaceAll("@\\S+ ", "").replaceAll("[\\w$]+\\.", ""));
        }
        String listed = String.join(",", parameters);
        if (method.isVarArgs()) listed = listed.replaceAll("\\[\\]$", "...");
        return name + "(" + listed + ")";
    }

    public static void main(String[] args) throws Exception {
        List<Map<String, Set<String>>> releases = new ArrayList<>();
        Map<Integer, Map<String, Set<String>>> read = new HashMap<>();
        for (int release = LAST; release >= FIRST; release--) {
            read.put(release, read(release));
            for (String type : read.get(release).keySet()) names.add(type.split(" ")[0]);
        }
        // (release, member) -> the types that have it from then on; many inherit it.
        Map<Integer, Map<String, Set<String>>> came = new TreeMap<>();
        Map<Integer, Map<String, Set<String>>> went = new TreeMap<>();
        for (int release = FIRST + 1; release <= LAST; release++) {
            Map<String, Set<String>> before = read.get(release - 1), now = read.get(release);
            note(came, release, before, now);
            note(went, release, now, before);
        }
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.println("# Made by ci/JavaSince.java from the interfaces of Java " + FIRST + " to " + LAST + ".");
        print(out, "+", came);
        print(out, "-", went);
        previews.keySet().removeAll(read.get(LAST).keySet());
        previews.forEach((type, release) -> out.println("~" + release + "\n" + type + ":"));
        out.flush();
    }

    static void note(Map<Integer, Map<String, Set<String>>> into, int release,
            Map<String, Set<String>> before, Map<String, Set<String>> now) {
        Map<String, Set<String>> noted = into.computeIfAbsent(release, r -> new TreeMap<>());
        for (var entry : now.entrySet()) {
            Set<String> old = before.get(entry.getKey());
            if (old == null) {
                noted.computeIfAbsent("", m -> new TreeSet<>()).add(entry.getKey());
                continue;
            }
            for (String member : entry.getValue()) {
                if (!old.contains(member)) {
                    noted.computeIfAbsent(member, m -> new TreeSet<>()).add(entry.getKey());
                }
            }
        }
    }

    static void print(PrintStream out, String sign, Map<Integer, Map<String, Set<String>>> noted) {
        for (var release : noted.entrySet()) {
            if (release.getValue().isEmpty()) continue;
            out.println(sign + release.getKey());
            // Members that the same types have gained share a line.
            Map<String, List<String>> byTypes = new TreeMap<>();
            for (var member : release.getValue().entrySet()) {
                byTypes.computeIfAbsent(typesOf(member.getValue()), t -> new ArrayList<>())
                    .add(member.getKey());
            }
            byTypes.forEach((types, members) -> out.println(types + ": " + String.join(" ", members).strip()));
        }
    }

    /** "java.lang Thread Thread.Builder, java.util List" */
    static String typesOf(Set<String> types) {
        Map<String, List<String>> byPackage = new TreeMap<>();
        for (String type : types) {
            String[] parts = type.split(" ");
            byPackage.computeIfAbsent(parts[0], p -> new ArrayList<>()).add(parts[1]);
        }
        return byPackage.entrySet().stream()
            .map(e -> e.getKey() + " " + String.join(" ", e.getValue()))
            .collect(Collectors.joining(", "));
    }
}
